// A hall as numbers: where each seat is, and its state. No page logic here.

// States of a seat in the frames of the live map.
export const AVAILABLE = 0
const RESERVED = 1, SOLD = 2
const UNKNOWN = 3 // in no frame: no snapshot has come yet

const states = ['available', 'reserved', 'sold', 'unknown']

const GAP = 2 // between subsections, in seats

/**
 * A row. left is where its first position is drawn, from the left of the block.
 * @typedef {{ row: number, seats: number[], first: number, left: number }} Row
 */

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * A block is a subsection. left is the number of free seats, null while unknown.
 * @typedef {{ section: Section, number: number, name: string, rows: Row[], first: number, count: number,
 *   left: number | null, reserved?: number, sold?: number } & Box} Block
 */

/** @typedef {{ name: string, price: Api.Money, blocks: Block[], first: number, count: number } & Box} Section */

/**
 * @typedef {{ index: number, block: Block, row: number, number: number, position: string, id: string, x: number, y: number }} Seat
 */

// Hall places a layout on a plane whose unit is one seat. The plane is to be shown on
// a screen that is aspect times as wide as high. Seats are counted in layout order,
// as the live map counts them.
export class Hall {
  /**
   * @param {{ sections: { name: string, price: Api.Money, subsections: { number: number, rows: Api.LayoutRow[] }[] }[] }} layout
   * @param {number} aspect
   */
  constructor(layout, aspect = 1.8) {
    /** @type {Section[]} */
    this.sections = []
    /** @type {Block[]} */
    this.blocks = []
    let first = 0
    for (const s of layout.sections) {
      /** @type {Section} */
      const section = { name: s.name, price: s.price, blocks: [], first, count: 0, x: 0, y: 0, width: 0, height: 0 }
      for (const sub of s.subsections) {
        const width = Math.max(1, ...sub.rows.map(row => row.seats.at(-1) || 0))
        // Shorter rows stand in the middle, unless aisles go through all rows.
        const aisles = sub.rows.some(row => row.seats.at(-1) !== row.seats.length), begin = first
        const rows = sub.rows.map(({ row, seats }) => {
          const placed = { row, seats, first, left: aisles ? 0 : Math.floor((width - seats.length) / 2) }
          first += seats.length
          return placed
        })
        const block = { section, number: sub.number, name: s.name + '-' + sub.number, rows, first: begin, count: first - begin, left: null, x: 0, y: 0, width, height: rows.length }
        section.blocks.push(block)
        this.blocks.push(block)
      }
      section.count = first - section.first
      this.sections.push(section)
    }
    this.count = first
    this.status = new Uint8Array(first).fill(UNKNOWN)
    /** @type {Set<number>} indexes of the seats of the buyer's bookings */
    this.mine = new Set()
    /** @type {Section[]} the sections of the last snapshot, in its order */
    this.shown = []
    // Names stand in the gaps, which are wider in a larger hall.
    this.gap = Math.min(Math.max(Math.sqrt(this.count) / 16, 3), 14)
    this.width = 0
    this.height = 0
    this.front = { x: 0, y: 0, width: 0, height: 0 }
    this.place(aspect)
  }

  // empty makes all seats free.
  empty() {
    this.status.fill(AVAILABLE)
    for (const b of this.blocks) b.left = b.count
    return this
  }

  /**
   * section returns the section with a name.
   * @param {string} name
   */
  section(name) { return this.sections.find(s => s.name === name) }

  /**
   * place puts the blocks of a section side by side in lines, and the sections likewise,
   * below the front of the hall.
   * @param {number} aspect
   */
  place(aspect) {
    for (const s of this.sections) [s.width, s.height] = flow(s.blocks, GAP, 1.4, 1.5)
    ;[this.width, this.height] = flow(this.sections, this.gap, aspect, 0.5)
    this.front = { x: this.width * 0.3, y: 0, width: this.width * 0.4, height: Math.max(1, this.gap * 0.7 - 1.2) }
    const below = this.front.height + this.gap
    this.height += below
    for (const s of this.sections) {
      s.y += below
      for (const b of s.blocks) { b.x += s.x; b.y += s.y }
    }
  }

  /**
   * seat returns the seat with an index.
   * @param {number} index
   * @returns {Seat}
   */
  seat(index) {
    const block = this.blockOf(index)
    const row = block.rows[lastAtMost(block.rows, r => r.first, index)]
    const number = row.seats[index - row.first]
    return { index, block, row: row.row, number, position: row.row + '-' + number, id: block.name + '-' + row.row + '-' + number,
      x: block.x + row.left + number - 1, y: block.y + block.rows.indexOf(row) }
  }

  /** @param {number} index */
  blockOf(index) { return this.blocks[lastAtMost(this.blocks, b => b.first, index)] }

  /**
   * at returns the seat at a point, or null.
   * @param {number} x
   * @param {number} y
   */
  at(x, y) {
    const block = this.blockAt(x, y), row = block?.rows[Math.floor(y - block.y)]
    if (!block || !row) return null
    const i = row.seats.indexOf(Math.floor(x - block.x) - row.left + 1)
    return i < 0 ? null : this.seat(row.first + i)
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  blockAt(x, y) {
    return this.blocks.find(b => x >= b.x && y >= b.y && x < b.x + b.width && y < b.y + b.height)
  }

  /**
   * find returns the index of the seat with an id, such as A-1-2-3, or -1.
   * @param {string} id
   */
  find(id) {
    const parts = id.split('-'), number = Number(parts.pop()), rowNumber = Number(parts.pop()), name = parts.join('-')
    const row = this.blocks.find(b => b.name === name)?.rows.find(r => r.row === rowNumber)
    const i = row ? row.seats.indexOf(number) : -1
    return row && i >= 0 ? row.first + i : -1
  }

  /**
   * snapshot applies a frame of all seats and reports whether it has all sections. A
   * server of an earlier version leaves out those that it has not read yet.
   * @param {Api.SeatBits} frame
   */
  snapshot(frame) {
    const bits = Uint8Array.from(atob(frame.bits), c => c.charCodeAt(0))
    this.shown = this.sections.filter(s => frame.sections.some(f => f.name === s.name)) // in the order of the frame's seats
    let n = 0
    for (const s of this.shown) for (let i = 0; i < s.count; i++, n++) this.status[s.first + i] = bits[n >> 2] >> (2 * (n & 3)) & 3
    this.counts(frame.sections)
    return this.shown.length === this.sections.length
  }

  /**
   * change applies a frame of changes and returns the indexes of the seats in it.
   * @param {Api.SeatBitChanges} frame
   */
  change(frame) {
    const changed = []
    for (const [n, status] of frame.changes) {
      let left = n
      for (const s of this.shown) {
        if (left < s.count) {
          this.status[s.first + left] = status
          changed.push(s.first + left)
          break
        }
        left -= s.count
      }
    }
    this.counts(frame.sections)
    return changed
  }

  /** @param {Api.SectionCounts[]} sections */
  counts(sections) {
    for (const f of sections) {
      const section = this.section(f.name)
      for (const c of f.subsections) {
        const block = section?.blocks.find(b => b.number === c.number)
        if (block) Object.assign(block, { left: c.available, reserved: c.reserved, sold: c.sold })
      }
    }
  }

  /**
   * taken reports whether a seat is known to be held or sold.
   * @param {number} index
   */
  taken(index) { return this.status[index] === RESERVED || this.status[index] === SOLD }

  /**
   * near returns free seats close to some seats of one block, in layout order. Seats
   * of the same row count as closer than those of the next row.
   * @param {number[]} indexes
   * @param {number} most
   */
  near(indexes, most) {
    const from = indexes.map(i => this.seat(i))
    /** @type {{ index: number, far: number }[]} */
    const free = []
    for (const row of from[0].block.rows) {
      row.seats.forEach((number, i) => {
        if (this.status[row.first + i] === AVAILABLE)
          free.push({ index: row.first + i, far: Math.min(...from.map(s => Math.abs(number - s.number) + 3 * Math.abs(row.row - s.row))) })
      })
    }
    return free.sort((a, b) => a.far - b.far).slice(0, most).map(f => this.seat(f.index)).sort((a, b) => a.index - b.index)
  }

  /**
   * roomy returns blocks with at least quantity free seats: those of a section first,
   * then those with the most free seats.
   * @param {string} section
   * @param {number} quantity
   * @param {number} most
   */
  roomy(section, quantity, most) {
    const other = (/** @type {Block} */ b) => b.section.name === section ? 0 : 1
    const free = (/** @type {Block} */ b) => b.left ?? 0
    return this.blocks.filter(b => free(b) >= quantity).sort((a, b) => other(a) - other(b) || free(b) - free(a)).slice(0, most)
  }

  /**
   * together reports whether seats are side by side in one row, with no aisle between.
   * @param {number[]} indexes
   */
  together(indexes) {
    const first = this.seat(Math.min(...indexes)), last = this.seat(Math.max(...indexes))
    return last.number - first.number === indexes.length - 1 && last.row === first.row && last.block === first.block
  }
}

/**
 * flow places boxes in lines so that they are seen as large as possible on a screen of
 * an aspect, and returns the width and height of all. full is how much a last line
 * that is half empty counts against a number of boxes per line.
 * @param {Box[]} boxes
 * @param {number} gap
 * @param {number} aspect
 * @param {number} full
 * @returns {[width: number, height: number]}
 */
function flow(boxes, gap, aspect, full) {
  let best
  for (let n = 1; n <= boxes.length; n++) {
    const [w, h] = lines(boxes, gap, n), places = Math.ceil(boxes.length / n) * n
    const size = Math.max(w, h * aspect) * (places / boxes.length) ** full
    if (!best || size < best.size) best = { n, size }
  }
  return best ? lines(boxes, gap, best.n) : [0, 0]
}

/**
 * lines places boxes in centred lines of n.
 * @param {Box[]} boxes
 * @param {number} gap
 * @param {number} n
 * @returns {[width: number, height: number]}
 */
function lines(boxes, gap, n) {
  const rows = []
  for (let i = 0; i < boxes.length; i += n) {
    const row = boxes.slice(i, i + n)
    rows.push({ row, width: row.reduce((sum, b) => sum + b.width + gap, -gap), height: Math.max(...row.map(b => b.height)) })
  }
  const wide = Math.max(...rows.map(r => r.width))
  let y = 0
  for (const { row, width, height } of rows) {
    let x = (wide - width) / 2
    for (const b of row) {
      Object.assign(b, { x, y })
      x += b.width + gap
    }
    y += height + gap
  }
  return [wide, y - gap]
}

/**
 * lastAtMost returns the last place in a sorted list whose key is at most value.
 * @template T
 * @param {T[]} list
 * @param {(item: T) => number} key
 * @param {number} value
 */
function lastAtMost(list, key, value) {
  let low = 0, high = list.length - 1
  while (low < high) {
    const mid = (low + high + 1) >> 1
    if (key(list[mid]) <= value) low = mid
    else high = mid - 1
  }
  return low
}

/**
 * stateOf returns a seat's state for the viewer, by its name in the texts.
 * @param {Hall} hall
 * @param {Set<number>} picked
 * @param {number} i
 */
export const stateOf = (hall, picked, i) => picked.has(i) ? 'picked' : hall.mine.has(i) ? 'mine' : states[hall.status[i]]
