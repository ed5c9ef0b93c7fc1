// The seating that a seller types into the editor, and what it becomes.

/**
 * Blocks that are alike, as text in fields: how many, their rows and seats per row, or
 * the lengths of rows that differ, and the seats that are followed by an aisle.
 * @typedef {{ blocks: string, rows: string, seats: string, lengths: string, aisles: string }} Group
 */

/** @typedef {{ name: string, price: string, groups: Group[] }} Section */

export const MOST_SEATS = 100000 // of an event
export const LONGEST = 500 // seats of a row, and rows of a block, in this editor

// LIST is the pattern of a field with a list of numbers up to LONGEST.
const NUMBER = '([0-4]?[0-9]{0,2}|500)'
export const LIST = `${NUMBER}([ ,;]${NUMBER})*`

/** @returns {Group} */
export const newGroup = () => ({ blocks: '4', rows: '10', seats: '20', lengths: '', aisles: '' })

/**
 * newSection returns a section that is named by the first letter not in use.
 * @param {{ name: string }[]} sections
 * @returns {Section}
 */
export const newSection = sections => ({ name: [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].find(l => !sections.some(s => s.name === l)) || '', price: '50', groups: [newGroup()] })

/** @type {(text: string, most: number) => number} */
const whole = (text, most) => Math.min(Math.max(Math.floor(Number(text)) || 0, 0), most)

/** @type {(text: string) => number[]} */
const numbers = text => text.split(/[\s,;]+/).filter(Boolean).map(n => whole(n, LONGEST))

/**
 * rowsOf returns the rows of a block. An aisle leaves a seat number out.
 * @param {Group} g
 * @returns {Api.LayoutRow[]}
 */
function rowsOf(g) {
  const own = numbers(g.lengths), lengths = own.length ? own : Array(whole(g.rows, LONGEST)).fill(whole(g.seats, LONGEST))
  const aisles = numbers(g.aisles).filter(Boolean)
  return lengths.filter(n => n > 0).map((n, i) => ({ row: i + 1, seats: Array.from({ length: n }, (_, k) => k + 1 + aisles.filter(a => k >= a).length) }))
}

/** @param {Group} g */
const isRegular = g => !g.lengths.trim() && !g.aisles.trim()

/**
 * blocksOf numbers the blocks of a section through all its groups.
 * @template T
 * @param {Section} s
 * @param {(g: Group) => T} of
 */
function blocksOf(s, of) {
  /** @type {(T & { number: number })[]} */
  const blocks = []
  for (const g of s.groups) for (let i = 0; i < whole(g.blocks, 99); i++) blocks.push({ ...of(g), number: blocks.length + 1 })
  return blocks
}

/**
 * countOf returns the number of seats without making them.
 * @param {Section[]} sections
 */
export function countOf(sections) {
  let sum = 0
  for (const s of sections) for (const g of s.groups) {
    const own = numbers(g.lengths)
    sum += whole(g.blocks, 99) * (own.length ? own.reduce((n, m) => n + m, 0) : whole(g.rows, LONGEST) * whole(g.seats, LONGEST))
  }
  return sum
}

/**
 * layoutOf returns the layout that the map draws.
 * @param {Section[]} sections
 * @param {(price: string) => Api.Money} money
 */
export function layoutOf(sections, money) {
  const drawn = sections.map(s => ({ name: s.name, price: money(s.price), subsections: blocksOf(s, g => ({ rows: rowsOf(g) })).filter(b => b.rows.length) }))
  return { sections: drawn.filter(s => s.subsections.length) }
}

/**
 * seatingOf returns the seating as the API takes it.
 * @param {Section[]} sections
 * @param {(price: string) => Api.Money} money
 * @returns {Api.Seating}
 */
export const seatingOf = (sections, money) => ({
  sections: sections.map(s => ({ name: s.name, price: money(s.price).amount,
    subsections: blocksOf(s, /** @returns {Api.SubsectionSize} */ g => isRegular(g) ? { rows: whole(g.rows, LONGEST), seats_per_row: whole(g.seats, LONGEST) } : { rows: rowsOf(g) }) })),
})
