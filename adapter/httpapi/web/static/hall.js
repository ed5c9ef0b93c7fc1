// A hall as numbers: where each seat lies, and its state. Nothing of the page.

export const AVAILABLE = 0 // of the live map's numbers; 1 is reserved, 2 sold
const UNKNOWN = 3 // of no frame: nobody has told yet

const states = ['available', 'reserved', 'sold', 'unknown']

const GAP = 2 // between subsections, in seats

// Hall lays a layout out on a plane whose unit is a seat, to be shown in a
// picture aspect times as wide as high. Seats are counted in layout order, as
// the live map counts them.
export class Hall {
  constructor(layout, aspect = 1.8) {
    this.sections = []
    this.blocks = [] // subsections
    let first = 0
    for (const s of layout.sections) {
      const section = { name: s.name, price: s.price, blocks: [], first }
      for (const sub of s.subsections) {
        const block = { section, number: sub.number, rows: sub.rows, first, count: 0, left: null, name: s.name + '-' + sub.number } // left: of free seats, once told
        block.width = 1
        for (const row of sub.rows) {
          row.first = first
          first += row.seats.length
          block.width = Math.max(block.width, row.seats.at(-1))
        }
        // Shorter rows stand in the middle, unless aisles go through all of them.
        const aisles = sub.rows.some(row => row.seats.at(-1) !== row.seats.length)
        for (const row of sub.rows) row.left = aisles ? 0 : Math.floor((block.width - row.seats.length) / 2)
        block.height = sub.rows.length
        block.count = first - block.first
        section.blocks.push(block)
        this.blocks.push(block)
      }
      section.count = first - section.first
      this.sections.push(section)
    }
    this.count = first
    this.status = new Uint8Array(first).fill(UNKNOWN)
    this.mine = new Set() // indexes of seats of the buyer's bookings
    this.place(aspect)
  }

  // empty is the hall as nobody has booked in it.
  empty() {
    this.status.fill(AVAILABLE)
    for (const b of this.blocks) b.left = b.count
    return this
  }

  // section answers the one with a name.
  section(name) { return this.sections.find(s => s.name === name) }

  // place puts subsections of a section side by side in lines, and sections
  // likewise, below what all of them look at. Names stand in the gaps, which are
  // wider in a hall that is seen from farther.
  place(aspect) {
    this.gap = Math.min(Math.max(Math.sqrt(this.count) / 16, 3), 14)
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

  // seat answers what an index is.
  seat(index) {
    const block = this.blockOf(index)
    const row = block.rows[lastAtMost(block.rows, r => r.first, index)]
    const number = row.seats[index - row.first]
    return { index, block, row: row.row, number, position: row.row + '-' + number, id: block.name + '-' + row.row + '-' + number,
      x: block.x + row.left + number - 1, y: block.y + block.rows.indexOf(row) }
  }

  blockOf(index) { return this.blocks[lastAtMost(this.blocks, b => b.first, index)] }

  // at finds the seat at a point, or nothing.
  at(x, y) {
    const block = this.blockAt(x, y)
    const row = block?.rows[Math.floor(y - block.y)]
    const i = row ? row.seats.indexOf(Math.floor(x - block.x) - row.left + 1) : -1
    return i < 0 ? null : this.seat(row.first + i)
  }

  blockAt(x, y) {
    return this.blocks.find(b => x >= b.x && y >= b.y && x < b.x + b.width && y < b.y + b.height)
  }

  // find answers the index of a seat by its id, A-1-2-3, or -1.
  find(id) {
    const parts = id.split('-'), number = Number(parts.pop()), rowNumber = Number(parts.pop()), name = parts.join('-')
    const block = this.blocks.find(b => b.name === name)
    const row = block?.rows.find(r => r.row === rowNumber)
    const i = row ? row.seats.indexOf(number) : -1
    return i < 0 ? -1 : row.first + i
  }

  // snapshot takes a frame of all seats: two bits each, and counts. Sections that
  // are not initialised yet are not in it; it answers whether all are.
  snapshot(frame) {
    const bits = Uint8Array.from(atob(frame.bits), c => c.charCodeAt(0))
    this.shown = this.sections.filter(s => frame.sections.some(f => f.name === s.name)) // in the order of the frame's seats
    let n = 0
    for (const s of this.shown) for (let i = 0; i < s.count; i++, n++) this.status[s.first + i] = bits[n >> 2] >> (2 * (n & 3)) & 3
    this.counts(frame.sections)
    return this.shown.length === this.sections.length
  }

  // change takes what changed and answers the indexes.
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

  counts(sections) {
    for (const f of sections) {
      const section = this.section(f.name)
      for (const c of f.subsections) {
        const block = section?.blocks.find(b => b.number === c.number)
        if (block) Object.assign(block, { left: c.available, reserved: c.reserved, sold: c.sold })
      }
    }
  }

  // taken tells whether somebody is known to have a seat.
  taken(index) { return this.status[index] !== AVAILABLE && this.status[index] !== UNKNOWN }

  // near are free seats close to some of one block, in the order of the hall: of
  // their rows rather than of the rows beside.
  near(indexes, most) {
    const from = indexes.map(i => this.seat(i)), free = []
    for (const row of from[0].block.rows) {
      row.seats.forEach((number, i) => {
        if (this.status[row.first + i] === AVAILABLE)
          free.push({ index: row.first + i, far: Math.min(...from.map(s => Math.abs(number - s.number) + 3 * Math.abs(row.row - s.row))) })
      })
    }
    return free.sort((a, b) => a.far - b.far).slice(0, most).map(f => this.seat(f.index)).sort((a, b) => a.index - b.index)
  }

  // roomy are blocks with so many free seats: those of a section first, and the
  // emptiest first.
  roomy(section, quantity, most) {
    const other = b => b.section.name === section ? 0 : 1
    return this.blocks.filter(b => b.left >= quantity).sort((a, b) => other(a) - other(b) || b.left - a.left).slice(0, most)
  }

  // together tells whether seats are side by side in one row, and no aisle between.
  together(indexes) {
    const first = this.seat(Math.min(...indexes)), last = this.seat(Math.max(...indexes))
    return last.number - first.number === indexes.length - 1 && last.row === first.row && last.block === first.block
  }
}

// flow places boxes in lines of so many that they are seen large in a picture of
// an aspect, and answers the width and height of all. full is how much it matters
// that the last line is not left half empty.
function flow(boxes, gap, aspect, full) {
  let best
  for (let n = 1; n <= boxes.length; n++) {
    const [w, h] = lines(boxes, gap, n), places = Math.ceil(boxes.length / n) * n
    const size = Math.max(w, h * aspect) * (places / boxes.length) ** full
    if (!best || size < best.size) best = { n, size }
  }
  return best ? lines(boxes, gap, best.n) : [0, 0]
}

// lines places boxes in lines of n, each in the middle.
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

function lastAtMost(list, key, value) {
  let low = 0, high = list.length - 1
  while (low < high) {
    const mid = (low + high + 1) >> 1
    if (key(list[mid]) <= value) low = mid
    else high = mid - 1
  }
  return low
}

// stateOf is what a seat is for who looks, as the texts name it.
export const stateOf = (hall, picked, i) => picked.has(i) ? 'picked' : hall.mine.has(i) ? 'mine' : states[hall.status[i]]
