// The hall on a canvas: tinted subsections from afar, single seats from near, one
// cached picture for each subsection, so that thousands of changes a second cost
// what they change.
import { contrast, mixed } from './colours.js'
import { stateOf } from './hall.js'
import { money, number, t } from './i18n.js'

const SEATS_FROM = 5    // pixels a seat, from which on single seats are drawn
const FINGER = 22       // pixels a seat, from which on a finger finds the one it means
const ROWS_FROM = 12    // pixels a seat, from which on the numbers of rows are
const CELLS = [16, 24, 40] // device pixels a seat in a cached picture; numbers stand in the largest
const SPARE = 16        // pictures kept of subsections that are out of sight
const BIGGEST = [8192, 16e6] // pixels of a cached picture: a side, and all
const LARGEST = 40      // pixels a seat
const AFAR = 100        // ms between two draws of tints that nobody asked to move

// View draws a hall into a canvas.
export class View {
  constructor(canvas, hall, { picked = new Set(), onSeat, onBlock, onHover } = {}) {
    Object.assign(this, { canvas, hall, picked, onSeat, onBlock, onHover })
    this.context = canvas.getContext('2d')
    this.pictures = new Map()
    this.frames = [] // durations of the last draws in ms, for measurement
    this.listen()
    this.size()
    this.fit()
  }

  colours() {
    const style = getComputedStyle(this.canvas)
    const of = name => style.getPropertyValue('--' + name).trim()
    this.colour = { available: of('free'), unknown: of('line'), reserved: of('reserved'), sold: of('sold'), mine: of('mine'), picked: of('picked'), text: of('text'), soft: of('soft'), line: of('line'), ground: of('ground'), on: of('on-seat') }
    // The fuller a subsection, the paler; what is written on it is what can be read.
    this.tints = Array.from({ length: 11 }, (_, i) => {
      const fill = mixed(this.colour.ground, this.colour.available, i / 10)
      const ink = [this.colour.text, this.colour.on].sort((a, b) => contrast(fill, b) - contrast(fill, a))[0]
      return { fill: `rgb(${fill})`, ink }
    })
  }

  size() {
    this.colours()
    const ratio = window.devicePixelRatio || 1
    this.ratio = ratio
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * ratio))
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * ratio))
    this.pictures.clear()
    if (this.whole) this.fit() // as after a phone was turned
    this.ask()
  }

  // fit shows a part, or the whole hall.
  fit(to = this.hall, margin = Math.max(1, this.hall.gap / 3)) {
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight
    this.scale = Math.min(w / (to.width + 2 * margin), h / (to.height + 2 * margin), LARGEST)
    this.x = (to.x || 0) + to.width / 2 - w / this.scale / 2
    this.y = (to.y || 0) + to.height / 2 - h / this.scale / 2
    this.whole = to === this.hall
    this.ask()
  }

  zoom(factor, px = this.canvas.clientWidth / 2, py = this.canvas.clientHeight / 2) {
    const x = this.x + px / this.scale, y = this.y + py / this.scale
    const least = Math.min(this.canvas.clientWidth / (this.hall.width + 4), this.canvas.clientHeight / (this.hall.height + 4))
    this.scale = Math.min(Math.max(this.scale * factor, least), LARGEST)
    this.x = x - px / this.scale
    this.y = y - py / this.scale
    this.bound()
  }

  // centre shows a point in the middle, at a scale.
  centre(x, y, scale) {
    this.scale = scale
    this.x = x - this.canvas.clientWidth / this.scale / 2
    this.y = y - this.canvas.clientHeight / this.scale / 2
    this.bound()
  }

  // bound keeps the middle of the picture in the hall.
  bound() {
    const w = this.canvas.clientWidth / this.scale / 2, h = this.canvas.clientHeight / this.scale / 2
    this.x = Math.min(Math.max(this.x + w, 0), this.hall.width) - w
    this.y = Math.min(Math.max(this.y + h, 0), this.hall.height) - h
    this.whole = false
    this.ask()
  }

  // changed draws some seats anew, or all.
  changed(indexes) {
    if (!indexes) this.pictures.clear()
    for (const i of indexes || []) {
      const picture = this.pictures.get(this.hall.blockOf(i))
      if (picture) this.seat(picture.getContext('2d'), this.hall.seat(i))
    }
    // Figures that change thirty times a second are read by nobody.
    const wait = indexes && this.scale < SEATS_FROM ? AFAR - (performance.now() - (this.drawn || 0)) : 0
    if (wait > 0) this.later ||= setTimeout(() => { this.later = 0; this.ask() }, wait)
    else this.ask()
  }

  ask() {
    if (this.asked || this.ended) return
    this.asked = requestAnimationFrame(() => { this.asked = 0; this.draw() })
  }

  draw() {
    const began = performance.now(), c = this.context, s = this.scale * this.ratio
    c.setTransform(1, 0, 0, 1, 0, 0)
    c.clearRect(0, 0, this.canvas.width, this.canvas.height)
    const right = this.x + this.canvas.clientWidth / this.scale, bottom = this.y + this.canvas.clientHeight / this.scale
    const near = this.scale >= SEATS_FROM, cell = CELLS.find(c => s <= c) || CELLS.at(-1)
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
      const tint = this.tints[Math.ceil(b.left / b.count * (this.tints.length - 1))] // none is left of what nobody told yet
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
      if (two) c.fillText(number(b.left), x + w / 2, y + h / 2 + apart)
    }
    if (near) this.labels(c, s, inSight)
    else this.sections(c, s)
    for (const b of this.pictures.keys()) {
      if (this.pictures.size <= inSight.length + SPARE) break
      if (!inSight.includes(b)) this.pictures.delete(b)
    }
    if (this.pointed) this.hover(...this.pointed) // what is below it may be another, or in another state
    this.drawn = performance.now()
    this.frames.push(this.drawn - began)
    if (this.frames.length > 600) this.frames.shift()
  }

  // front is what everybody looks at.
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

  // sections names them, with their prices, in the gap above.
  sections(c, s) {
    const size = Math.min(14, this.hall.gap * this.scale * 0.6)
    if (size < 6) return
    c.fillStyle = this.colour.text
    c.font = `600 ${size * this.ratio}px system-ui`
    for (const section of this.hall.sections) {
      c.fillText(section.name + (section.price ? ' · ' + money(section.price) : ''), (section.x + section.width / 2 - this.x) * s, (section.y - this.hall.gap * 0.4 - this.y) * s, section.width * s)
    }
  }

  // labels names subsections above them, and rows beside them.
  labels(c, s, blocks) {
    for (const b of blocks) {
      c.fillStyle = this.colour.text
      c.font = `600 ${12 * this.ratio}px system-ui`
      const price = b.section.price ? b.name + ' · ' + money(b.section.price) : b.name
      c.fillText(c.measureText(price).width < b.width * s ? price : b.name, (b.x + b.width / 2 - this.x) * s, (b.y - 0.8 - this.y) * s)
      if (this.scale < ROWS_FROM) continue
      c.fillStyle = this.colour.soft
      c.font = `${10 * this.ratio}px system-ui`
      b.rows.forEach((row, i) => c.fillText(row.row, (b.x + row.left - 0.6 - this.x) * s, (b.y + i + 0.5 - this.y) * s))
    }
  }

  // fits tells whether a browser can hold a picture of a subsection.
  fits({ width, height }) {
    const w = width * this.cell, h = height * this.cell
    return Math.max(w, h) <= BIGGEST[0] && w * h <= BIGGEST[1]
  }

  // seats draws those of a subsection that are in sight.
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

  // picture is the subsection with all its seats, drawn once.
  picture(block) {
    let picture = this.pictures.get(block)
    if (!picture) {
      picture = document.createElement('canvas')
      picture.width = block.width * this.cell
      picture.height = block.height * this.cell
      this.pictures.set(block, picture)
      const c = picture.getContext('2d')
      for (let i = 0; i < block.count; i++) this.seat(c, this.hall.seat(block.first + i))
    }
    return picture
  }

  // seat draws one: states differ by shape, too.
  seat(c, seat) {
    const cell = this.cell, x = (seat.x - seat.block.x) * cell, y = (seat.y - seat.block.y) * cell, m = cell / 2, r = cell * 0.38
    c.clearRect(x, y, cell, cell)
    const is = stateOf(this.hall, this.picked, seat.index)
    c.fillStyle = c.strokeStyle = this.colour[is]
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

  number(c, seat, x, y) {
    if (this.cell !== CELLS.at(-1)) return
    c.fillStyle = this.colour.on
    c.font = `${this.cell * 0.35}px system-ui`
    c.textAlign = 'center'
    c.textBaseline = 'middle'
    c.fillText(seat.number, x, y)
  }

  // listen: wheel and pinch zoom, a drag pans, a click picks, and a mouse that
  // rests is told where.
  listen() {
    const c = this.canvas, fingers = new Map()
    let moved = 0, spread = 0
    const point = e => { const box = c.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top] }
    const gap = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]) }
    this.on(c, 'wheel', e => { e.preventDefault(); this.zoom(Math.exp(-e.deltaY * 0.0015), ...point(e)) }, { passive: false })
    this.on(c, 'pointerdown', e => {
      if (e.button) return
      c.setPointerCapture(e.pointerId)
      fingers.set(e.pointerId, point(e))
      moved = 0
      if (fingers.size === 2) spread = gap()
    })
    this.on(c, 'pointermove', e => {
      if (!fingers.has(e.pointerId)) return this.hover(...point(e))
      this.leave()
      const [ax, ay] = fingers.get(e.pointerId), [bx, by] = point(e)
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
    const up = e => {
      if (!fingers.delete(e.pointerId) || moved > 6 || e.type !== 'pointerup') return
      const [px, py] = point(e), x = this.x + px / this.scale, y = this.y + py / this.scale
      const block = this.hall.blockAt(x, y)
      if (this.scale < SEATS_FROM) {
        if (!block) return
        this.fit(block, 2)
        // Of a block that is wider than the picture, the part that was meant.
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

  // hover tells what is at a point.
  hover(px, py) {
    if (!this.onHover) return
    this.pointed = [px, py]
    const x = this.x + px / this.scale, y = this.y + py / this.scale
    const is = this.scale >= SEATS_FROM ? this.hall.at(x, y) : this.hall.blockAt(x, y)
    this.canvas.style.cursor = is ? 'pointer' : 'grab'
    this.onHover(is, px, py)
  }

  leave() {
    this.pointed = null
    this.onHover?.()
  }

  on(target, name, f, options) {
    target.addEventListener(name, f, options)
    ;(this.offs ||= []).push(() => target.removeEventListener(name, f, options))
  }

  close() {
    this.ended = true
    cancelAnimationFrame(this.asked)
    clearTimeout(this.later)
    this.asked = this.later = 0
    this.observer.disconnect()
    for (const off of this.offs) off()
    this.pictures.clear()
  }
}
