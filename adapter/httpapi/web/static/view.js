// The hall on a canvas: tinted blocks from afar, single seats from near. Each block has
// one cached picture, of which a change redraws only its seats.
import { contrast, mix } from './colours.js'
import { stateOf } from './hall.js'
import { money, number, t } from './i18n.js'

/** @typedef {import('./hall.js').Hall} Hall */
/** @typedef {import('./hall.js').Block} Block */
/** @typedef {import('./hall.js').Seat} Seat */

const SEATS_FROM = 5    // pixels per seat, from which single seats are drawn
const FINGER = 22       // pixels per seat, from which a finger can hit one seat
const ROWS_FROM = 12    // pixels per seat, from which row numbers are drawn
const CELLS = [16, 24, 40] // device pixels per seat in a cached picture; only the largest has seat numbers
const SPARE = 16        // pictures kept of blocks that are out of sight
const LONGEST_SIDE = 8192, MOST_PIXELS = 16e6 // of a cached picture
const LARGEST = 40      // pixels per seat
const AFAR = 100        // ms between two draws of the tints while nobody moves the map

// View draws a hall into a canvas.
export class View {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Hall} hall
   * @param {{ picked?: Set<number>, onSeat?: (seat: Seat) => void, onBlock?: (block: Block) => void,
   *   onHover?: (is: Seat | Block | null, x: number, y: number) => void }} options onHover gets null when the pointer has left
   */
  constructor(canvas, hall, { picked = new Set(), onSeat, onBlock, onHover } = {}) {
    this.canvas = canvas
    this.hall = hall
    this.picked = picked
    this.onSeat = onSeat
    this.onBlock = onBlock
    this.onHover = onHover
    /** @type {((seat: Seat) => void) | undefined} */
    this.onSeatNow = undefined
    /** @type {((block: Block) => void) | undefined} */
    this.onBlockNow = undefined
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
    /** @type {Map<Block, HTMLCanvasElement>} */
    this.pictures = new Map()
    /** @type {number[]} */
    this.frames = [] // durations of the last draws in ms, for measurements
    this.scale = 1 // pixels per seat
    this.x = this.y = 0 // the hall's point in the upper left corner
    this.whole = false // whether the whole hall is shown
    this.ratio = 1
    this.cell = 0
    this.asked = 0 // the next draw
    this.later = 0 // a draw that waits
    this.drawn = 0
    this.ended = false
    /** @type {[number, number] | null} */
    this.pointed = null
    /** @type {(() => void)[]} */
    this.offs = []
    this.colour = this.colours()
    /** @type {{ fill: string, ink: string }[]} */
    this.tints = this.tintsOf()
    this.listen()
    this.size()
    this.fit()
  }

  colours() {
    const style = getComputedStyle(this.canvas)
    const of = (/** @type {string} */ name) => style.getPropertyValue('--' + name).trim()
    /** @type {Record<string, string>} */
    const states = { available: of('free'), unknown: of('line'), reserved: of('reserved'), sold: of('sold'), mine: of('mine'), picked: of('picked') }
    return { states, text: of('text'), soft: of('soft'), line: of('line'), ground: of('ground'), on: of('on-seat') }
  }

  // tintsOf returns the colours of blocks: the fewer seats are free, the paler. The ink
  // is the more legible of two.
  tintsOf() {
    return Array.from({ length: 11 }, (_, i) => {
      const fill = mix(this.colour.ground, this.colour.states.available, i / 10)
      const ink = [this.colour.text, this.colour.on].sort((a, b) => contrast(fill, b) - contrast(fill, a))[0]
      return { fill: `rgb(${fill})`, ink }
    })
  }

  size() {
    this.colour = this.colours()
    this.tints = this.tintsOf()
    const ratio = window.devicePixelRatio || 1
    this.ratio = ratio
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * ratio))
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * ratio))
    this.pictures.clear()
    if (this.whole) this.fit() // a phone may have been turned
    this.ask()
  }

  /**
   * fit shows a part of the hall, or all of it.
   * @param {{ x?: number, y?: number, width: number, height: number }} to
   * @param {number} margin
   */
  fit(to = this.hall, margin = Math.max(1, this.hall.gap / 3)) {
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight
    this.scale = Math.min(w / (to.width + 2 * margin), h / (to.height + 2 * margin), LARGEST)
    this.x = (to.x || 0) + to.width / 2 - w / this.scale / 2
    this.y = (to.y || 0) + to.height / 2 - h / this.scale / 2
    this.whole = to === this.hall
    this.ask()
  }

  /**
   * zoom scales the picture and keeps a point of the canvas in its place.
   * @param {number} factor
   * @param {number} px
   * @param {number} py
   */
  zoom(factor, px = this.canvas.clientWidth / 2, py = this.canvas.clientHeight / 2) {
    const x = this.x + px / this.scale, y = this.y + py / this.scale
    const least = Math.min(this.canvas.clientWidth / (this.hall.width + 4), this.canvas.clientHeight / (this.hall.height + 4))
    this.scale = Math.min(Math.max(this.scale * factor, least), LARGEST)
    this.x = x - px / this.scale
    this.y = y - py / this.scale
    this.bound()
  }

  /**
   * centre shows a point in the middle, at a scale.
   * @param {number} x
   * @param {number} y
   * @param {number} scale
   */
  centre(x, y, scale) {
    this.scale = scale
    this.x = x - this.canvas.clientWidth / this.scale / 2
    this.y = y - this.canvas.clientHeight / this.scale / 2
    this.bound()
  }

  // bound keeps the middle of the picture within the hall.
  bound() {
    const w = this.canvas.clientWidth / this.scale / 2, h = this.canvas.clientHeight / this.scale / 2
    this.x = Math.min(Math.max(this.x + w, 0), this.hall.width) - w
    this.y = Math.min(Math.max(this.y + h, 0), this.hall.height) - h
    this.whole = false
    this.ask()
  }

  /**
   * changed redraws some seats, or all.
   * @param {number[]} [indexes]
   */
  changed(indexes) {
    if (!indexes) this.pictures.clear()
    for (const i of indexes || []) {
      const picture = this.pictures.get(this.hall.blockOf(i))
      if (picture) this.seat(context(picture), this.hall.seat(i))
    }
    // Nobody can read numbers that change thirty times a second.
    const wait = indexes && this.scale < SEATS_FROM ? AFAR - (performance.now() - this.drawn) : 0
    if (wait > 0) this.later ||= window.setTimeout(() => { this.later = 0; this.ask() }, wait)
    else this.ask()
  }

  // ask draws before the next frame.
  ask() {
    if (this.asked || this.ended) return
    this.asked = requestAnimationFrame(() => { this.asked = 0; this.draw() })
  }

  draw() {
    const began = performance.now(), c = this.context, s = this.scale * this.ratio
    c.setTransform(1, 0, 0, 1, 0, 0)
    c.clearRect(0, 0, this.canvas.width, this.canvas.height)
    const right = this.x + this.canvas.clientWidth / this.scale, bottom = this.y + this.canvas.clientHeight / this.scale
    const near = this.scale >= SEATS_FROM, cell = CELLS.find(c => s <= c) || CELLS[CELLS.length - 1]
    if (cell !== this.cell) { this.cell = cell; this.pictures.clear() }
    c.textAlign = 'center'
    c.textBaseline = 'middle'
    this.front(c, s)
    const inSight = this.hall.blocks.filter(b => b.x <= right && b.y <= bottom && b.x + b.width >= this.x && b.y + b.height >= this.y)
    for (const b of inSight) {
      const x = (b.x - this.x) * s, y = (b.y - this.y) * s, w = b.width * s, h = b.height * s
      if (near) {
        if (this.fits(b)) c.drawImage(this.picture(b), x, y, w, h)
        else this.seats(c, b, s, right, bottom)
        continue
      }
      const tint = this.tints[Math.ceil((b.left ?? 0) / b.count * (this.tints.length - 1))]
      c.fillStyle = tint.fill
      c.fillRect(x, y, w, h)
      c.strokeStyle = this.colour.line
      c.lineWidth = this.ratio
      c.strokeRect(x, y, w, h)
      const size = Math.min(13, b.width * this.scale / 4), line = b.height * this.scale / 2
      if (size < 6 || line < size) continue
      c.fillStyle = tint.ink
      c.font = `${size * this.ratio}px system-ui`
      const two = line > size * 1.2 && b.left !== null, apart = two ? size * 0.6 * this.ratio : 0
      c.fillText(b.name, x + w / 2, y + h / 2 - apart)
      if (two) c.fillText(number(b.left ?? 0), x + w / 2, y + h / 2 + apart)
    }
    if (near) this.labels(c, s, inSight)
    else this.sections(c, s)
    for (const b of this.pictures.keys()) {
      if (this.pictures.size <= inSight.length + SPARE) break
      if (!inSight.includes(b)) this.pictures.delete(b)
    }
    if (this.pointed) this.hover(...this.pointed) // another seat may be below the pointer now, or its state may have changed
    this.drawn = performance.now()
    this.frames.push(this.drawn - began)
    if (this.frames.length > 600) this.frames.shift()
  }

  /**
   * front draws the stage or screen.
   * @param {CanvasRenderingContext2D} c
   * @param {number} s
   */
  front(c, s) {
    const { x, y, width, height } = this.hall.front
    c.fillStyle = this.colour.line
    c.beginPath()
    c.roundRect((x - this.x) * s, (y - this.y) * s, width * s, height * s, height * s / 3)
    c.fill()
    c.fillStyle = this.colour.text
    c.font = `${Math.min(13, height * this.scale * 0.7) * this.ratio}px system-ui`
    c.fillText(t('map.front'), (x + width / 2 - this.x) * s, (y + height / 2 - this.y) * s)
  }

  /**
   * sections writes the names and prices of sections into the gaps above them.
   * @param {CanvasRenderingContext2D} c
   * @param {number} s
   */
  sections(c, s) {
    const size = Math.min(14, this.hall.gap * this.scale * 0.6)
    if (size < 6) return
    c.fillStyle = this.colour.text
    c.font = `600 ${size * this.ratio}px system-ui`
    for (const section of this.hall.sections) {
      c.fillText(section.name + (section.price ? ' · ' + money(section.price) : ''), (section.x + section.width / 2 - this.x) * s, (section.y - this.hall.gap * 0.4 - this.y) * s, section.width * s)
    }
  }

  /**
   * labels writes the names of blocks above them, and of rows beside them.
   * @param {CanvasRenderingContext2D} c
   * @param {number} s
   * @param {Block[]} blocks
   */
  labels(c, s, blocks) {
    for (const b of blocks) {
      c.fillStyle = this.colour.text
      c.font = `600 ${12 * this.ratio}px system-ui`
      const price = b.section.price ? b.name + ' · ' + money(b.section.price) : b.name
      c.fillText(c.measureText(price).width < b.width * s ? price : b.name, (b.x + b.width / 2 - this.x) * s, (b.y - 0.8 - this.y) * s)
      if (this.scale < ROWS_FROM) continue
      c.fillStyle = this.colour.soft
      c.font = `${10 * this.ratio}px system-ui`
      b.rows.forEach((row, i) => c.fillText(String(row.row), (b.x + row.left - 0.6 - this.x) * s, (b.y + i + 0.5 - this.y) * s))
    }
  }

  /**
   * fits reports whether a browser can hold a picture of a block.
   * @param {Block} block
   */
  fits({ width, height }) {
    const w = width * this.cell, h = height * this.cell
    return Math.max(w, h) <= LONGEST_SIDE && w * h <= MOST_PIXELS
  }

  /**
   * seats draws the seats of a block that are in sight.
   * @param {CanvasRenderingContext2D} c
   * @param {Block} b
   * @param {number} s
   * @param {number} right
   * @param {number} bottom
   */
  seats(c, b, s, right, bottom) {
    const k = s / this.cell
    c.setTransform(k, 0, 0, k, (b.x - this.x) * s, (b.y - this.y) * s)
    const last = Math.min(b.height, Math.ceil(bottom - b.y))
    for (let y = Math.max(0, Math.floor(this.y - b.y)); y < last; y++) {
      const row = b.rows[y]
      row.seats.forEach((number, i) => {
        const x = b.x + row.left + number - 1
        if (x + 1 > this.x && x < right) this.seat(c, { index: row.first + i, block: b, number, x, y: b.y + y })
      })
    }
    c.setTransform(1, 0, 0, 1, 0, 0)
  }

  /**
   * picture returns the cached picture of a block.
   * @param {Block} block
   */
  picture(block) {
    let picture = this.pictures.get(block)
    if (!picture) {
      picture = document.createElement('canvas')
      picture.width = block.width * this.cell
      picture.height = block.height * this.cell
      this.pictures.set(block, picture)
      const c = context(picture)
      for (let i = 0; i < block.count; i++) this.seat(c, this.hall.seat(block.first + i))
    }
    return picture
  }

  /**
   * seat draws one seat. States differ by shape as well as by colour.
   * @param {CanvasRenderingContext2D} c
   * @param {{ index: number, block: Block, number: number, x: number, y: number }} seat
   */
  seat(c, seat) {
    const cell = this.cell, x = (seat.x - seat.block.x) * cell, y = (seat.y - seat.block.y) * cell, m = cell / 2, r = cell * 0.38
    c.clearRect(x, y, cell, cell)
    const is = stateOf(this.hall, this.picked, seat.index)
    c.fillStyle = c.strokeStyle = this.colour.states[is]
    c.lineWidth = cell / 8
    c.beginPath()
    switch (is) {
      case 'available': c.arc(x + m, y + m, r, 0, 7); c.fill(); this.number(c, seat, x + m, y + m); break
      case 'reserved': c.moveTo(x + m, y + m - r); c.lineTo(x + m + r, y + m); c.lineTo(x + m, y + m + r); c.lineTo(x + m - r, y + m); c.closePath(); c.fill(); break
      case 'unknown': c.arc(x + m, y + m, r / 2, 0, 7); c.fill(); break
      case 'sold': c.moveTo(x + m - r * 0.7, y + m - r * 0.7); c.lineTo(x + m + r * 0.7, y + m + r * 0.7); c.moveTo(x + m + r * 0.7, y + m - r * 0.7); c.lineTo(x + m - r * 0.7, y + m + r * 0.7); c.stroke(); break
      case 'mine': c.rect(x + m - r, y + m - r, 2 * r, 2 * r); c.fill(); this.number(c, seat, x + m, y + m); break
      case 'picked': c.arc(x + m, y + m, r, 0, 7); c.fill(); c.beginPath(); c.strokeStyle = this.colour.ground; c.moveTo(x + m - r / 2, y + m); c.lineTo(x + m - r / 6, y + m + r / 2); c.lineTo(x + m + r * 0.6, y + m - r / 2); c.stroke(); break
    }
  }

  /**
   * number writes a seat's number onto it.
   * @param {CanvasRenderingContext2D} c
   * @param {{ number: number }} seat
   * @param {number} x
   * @param {number} y
   */
  number(c, seat, x, y) {
    if (this.cell !== CELLS[CELLS.length - 1]) return
    c.fillStyle = this.colour.on
    c.font = `${this.cell * 0.35}px system-ui`
    c.textAlign = 'center'
    c.textBaseline = 'middle'
    c.fillText(String(seat.number), x, y)
  }

  // listen handles the pointer: wheel and pinch zoom, a drag pans, a click picks, and a
  // resting mouse shows what is below it.
  listen() {
    const c = this.canvas
    /** @type {Map<number, [x: number, y: number]>} */
    const fingers = new Map()
    let moved = 0, spread = 0
    /** @type {(e: MouseEvent) => [x: number, y: number]} */
    const point = e => { const box = c.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top] }
    const gap = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]) }
    this.on(c, 'wheel', (/** @type {WheelEvent} */ e) => { e.preventDefault(); this.zoom(Math.exp(-e.deltaY * 0.0015), ...point(e)) }, { passive: false })
    this.on(c, 'pointerdown', (/** @type {PointerEvent} */ e) => {
      if (e.button) return
      c.setPointerCapture(e.pointerId)
      fingers.set(e.pointerId, point(e))
      moved = 0
      if (fingers.size === 2) spread = gap()
    })
    this.on(c, 'pointermove', (/** @type {PointerEvent} */ e) => {
      const before = fingers.get(e.pointerId)
      if (!before) return this.hover(...point(e))
      this.leave()
      const [ax, ay] = before, [bx, by] = point(e)
      fingers.set(e.pointerId, [bx, by])
      moved += Math.abs(bx - ax) + Math.abs(by - ay)
      if (fingers.size === 2) {
        const now = gap(), [a, b] = [...fingers.values()]
        this.zoom(now / spread, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        spread = now
      } else {
        this.x -= (bx - ax) / this.scale
        this.y -= (by - ay) / this.scale
        this.bound()
      }
    })
    const up = (/** @type {PointerEvent} */ e) => {
      if (!fingers.delete(e.pointerId) || moved > 6 || e.type !== 'pointerup') return
      const [px, py] = point(e), x = this.x + px / this.scale, y = this.y + py / this.scale
      const block = this.hall.blockAt(x, y)
      if (this.scale < SEATS_FROM) {
        if (!block) return
        this.fit(block, 2)
        // Of a block too large for the screen, show the part that was clicked.
        if (this.scale < SEATS_FROM) this.centre(x, y, SEATS_FROM + 1)
        this.onBlock?.(block)
      } else if (e.pointerType === 'touch' && this.scale < FINGER) {
        this.centre(x, y, FINGER)
        if (block) this.onBlock?.(block)
      } else {
        const seat = this.hall.at(x, y)
        if (seat) this.onSeat?.(seat)
      }
    }
    this.on(c, 'pointerup', up)
    this.on(c, 'pointercancel', up)
    this.on(c, 'pointerleave', () => this.leave())
    this.observer = new ResizeObserver(() => this.size())
    this.observer.observe(c)
    this.dark = matchMedia('(prefers-color-scheme: dark)')
    this.on(this.dark, 'change', () => this.size())
  }

  /**
   * hover shows what is at a point of the canvas.
   * @param {number} px
   * @param {number} py
   */
  hover(px, py) {
    if (!this.onHover) return
    this.pointed = [px, py]
    const x = this.x + px / this.scale, y = this.y + py / this.scale
    const is = this.scale >= SEATS_FROM ? this.hall.at(x, y) : this.hall.blockAt(x, y)
    this.canvas.style.cursor = is ? 'pointer' : 'grab'
    this.onHover(is ?? null, px, py)
  }

  leave() {
    this.pointed = null
    this.onHover?.(null, 0, 0)
  }

  /**
   * on listens until the view is closed.
   * @param {EventTarget} target
   * @param {string} name
   * @param {(e: any) => void} f
   * @param {AddEventListenerOptions} [options]
   */
  on(target, name, f, options) {
    target.addEventListener(name, f, options)
    this.offs.push(() => target.removeEventListener(name, f, options))
  }

  close() {
    this.ended = true
    cancelAnimationFrame(this.asked)
    clearTimeout(this.later)
    this.asked = this.later = 0
    this.observer?.disconnect()
    for (const off of this.offs) off()
    this.pictures.clear()
  }
}

/** @param {HTMLCanvasElement} canvas */
const context = canvas => /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
