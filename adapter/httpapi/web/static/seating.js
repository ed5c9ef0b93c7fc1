// What a seller draws, as text in fields, and what becomes of it.
//
// A section is { name, price, groups }; a group is some blocks that are alike:
// { blocks, rows, seats, lengths, aisles }.

export const MOST = 100000 // seats of an event
export const LONGEST = 500 // seats of a row, and rows of a block, that can be drawn here

// LIST is what a field takes that has a list of such numbers.
const NUMBER = '([0-4]?[0-9]{0,2}|500)'
export const LIST = `${NUMBER}([ ,;]${NUMBER})*`

export const newGroup = () => ({ blocks: '4', rows: '10', seats: '20', lengths: '', aisles: '' })

// newSection has the first letter that is not in use.
export const newSection = sections => ({ name: [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].find(l => !sections.some(s => s.name === l)) || '', price: '50', groups: [newGroup()] })

const whole = (text, most) => Math.min(Math.max(Math.floor(Number(text)) || 0, 0), most)

const numbers = text => text.split(/[\s,;]+/).filter(Boolean).map(n => whole(n, LONGEST))

// rowsOf numbers the seats of each row; an aisle leaves a number out.
function rowsOf(g) {
  const own = numbers(g.lengths), lengths = own.length ? own : Array(whole(g.rows, LONGEST)).fill(whole(g.seats, LONGEST))
  const aisles = numbers(g.aisles).filter(Boolean)
  return lengths.filter(n => n > 0).map((n, i) => ({ row: i + 1, seats: Array.from({ length: n }, (_, k) => k + 1 + aisles.filter(a => k >= a).length) }))
}

const plain = g => !g.lengths.trim() && !g.aisles.trim()

// blocksOf numbers the blocks of a section, through its groups.
function blocksOf(s, of) {
  const blocks = []
  for (const g of s.groups) for (let i = 0; i < whole(g.blocks, 99); i++) blocks.push({ number: blocks.length + 1, ...of(g) })
  return blocks
}

// countOf is the number of seats, without making them.
export function countOf(sections) {
  let sum = 0
  for (const s of sections) for (const g of s.groups) {
    const own = numbers(g.lengths)
    sum += whole(g.blocks, 99) * (own.length ? own.reduce((n, m) => n + m, 0) : whole(g.rows, LONGEST) * whole(g.seats, LONGEST))
  }
  return sum
}

// layoutOf is what the map draws.
export function layoutOf(sections, money) {
  const drawn = sections.map(s => ({ name: s.name, price: money(s.price), subsections: blocksOf(s, g => ({ rows: rowsOf(g) })).filter(b => b.rows.length) }))
  return { sections: drawn.filter(s => s.subsections.length) }
}

// seatingOf is what the API takes.
export const seatingOf = (sections, money) => ({
  sections: sections.map(s => ({ name: s.name, price: money(s.price).amount,
    subsections: blocksOf(s, g => plain(g) ? { rows: whole(g.rows, LONGEST), seats_per_row: whole(g.seats, LONGEST) } : { rows: rowsOf(g) }) })),
})
