// The hall on a canvas: tinted subsections from afar, single seats from near, one
// cached picture for each subsection, so that thousands of changes a second cost
// what they change.
import { html, useEffect, useRef } from './vendor/htm-preact.js'
import { AVAILABLE, RESERVED, SOLD } from './hall.js'
import { t, number } from './i18n.js'

const SEATS_FROM = 5    // pixels a seat, from which on single seats are drawn
const CELLS = [16, 40]   // pixels a seat in a cached picture, from afar and from near
const LARGEST = 40      // pixels a seat

// View draws a hall into a canvas.
export class View {
  constructor(canvas, hall, { picked = new Set(), onSeat, onBlock } = {}) {
    Object.assign(this, { canvas, hall, picked, onSeat, onBlock })
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
    this.colour = { free: of('free'), reserved: of('reserved'), sold: of('sold'), mine: of('mine'), picked: of('picked'), text: of('text'), ground: of('ground') }
  }

  size() {
    this.colours()
    const ratio = window.devicePixelRatio || 1
    this.ratio = ratio
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * ratio))
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * ratio))
    this.pictures.clear()
    this.ask()
  }

  // fit shows the whole hall.
  fit(to = this.hall, margin = 1) {
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight
    this.scale = Math.min(w / (to.width + 2 * margin), h / (to.height + 2 * margin), LARGEST)
    this.x = (to.x || 0) + to.width / 2 - w / this.scale / 2
    this.y = (to.y || 0) + to.height / 2 - h / this.scale / 2
    this.ask()
  }

  zoom(factor, px = this.canvas.clientWidth / 2, py = this.canvas.clientHeight / 2) {
    const x = this.x + px / this.scale, y = this.y + py / this.scale
    const least = Math.min(this.canvas.clientWidth / (this.hall.width + 4), this.canvas.clientHeight / (this.hall.height + 4))
    this.scale = Math.min(Math.max(this.scale * factor, least), LARGEST)
    this.x = x - px / this.scale
    this.y = y - py / this.scale
    this.ask()
  }

  // changed draws some seats anew, or all.
  changed(indexes) {
    if (!indexes) this.pictures.clear()
    for (const i of indexes || []) {
      const picture = this.pictures.get(this.hall.blockOf(i))
      if (picture) this.seat(picture.getContext('2d'), this.hall.seat(i))
    }
    this.ask()
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
    const near = this.scale >= SEATS_FROM, cell = s > 20 ? CELLS[1] : CELLS[0]
    if (cell !== this.cell) { this.cell = cell; this.pictures.clear() }
    c.textAlign = 'center'
    c.textBaseline = 'middle'
    for (const b of this.hall.blocks) {
      if (b.x > right || b.y > bottom || b.x + b.width < this.x || b.y + b.height < this.y) continue
      const x = (b.x - this.x) * s, y = (b.y - this.y) * s, w = b.width * s, h = b.height * s
      if (near) {
        c.drawImage(this.picture(b), x, y, w, h)
        continue
      }
      c.globalAlpha = 1
      c.fillStyle = this.colour.sold
      c.fillRect(x, y, w, h)
      c.globalAlpha = b.count ? b.left / b.count : 0
      c.fillStyle = this.colour.free
      c.fillRect(x, y, w, h)
      c.globalAlpha = 1
      if (w > 34 * this.ratio && h > 16 * this.ratio) {
        c.fillStyle = '#fff'
        c.font = `${Math.min(13, w / this.ratio / 4) * this.ratio}px system-ui`
        c.fillText(b.name, x + w / 2, y + h / 2 - (h > 30 * this.ratio ? 7 * this.ratio : 0))
        if (h > 30 * this.ratio) c.fillText(number(b.left), x + w / 2, y + h / 2 + 8 * this.ratio)
      }
    }
    if (near) this.labels(c, s)
    this.frames.push(performance.now() - began)
    if (this.frames.length > 600) this.frames.shift()
  }

  // labels names subsections above them.
  labels(c, s) {
    c.fillStyle = this.colour.text
    c.font = `${12 * this.ratio}px system-ui`
    for (const b of this.hall.blocks)
      c.fillText(b.name, (b.x + b.width / 2 - this.x) * s, (b.y - 0.8 - this.y) * s)
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
    const is = this.picked.has(seat.index) ? 'picked' : this.hall.mine.has(seat.index) ? 'mine' : ['free', 'reserved', 'sold'][this.hall.status[seat.index]]
    c.fillStyle = c.strokeStyle = this.colour[is]
    c.lineWidth = cell / 8
    c.beginPath()
    switch (is) {
      case 'free': c.arc(x + m, y + m, r, 0, 7); c.fill(); break
      case 'reserved': c.moveTo(x + m, y + m - r); c.lineTo(x + m + r, y + m); c.lineTo(x + m, y + m + r); c.lineTo(x + m - r, y + m); c.closePath(); c.fill(); break
      case 'sold': c.moveTo(x + m - r * 0.7, y + m - r * 0.7); c.lineTo(x + m + r * 0.7, y + m + r * 0.7); c.moveTo(x + m + r * 0.7, y + m - r * 0.7); c.lineTo(x + m - r * 0.7, y + m + r * 0.7); c.stroke(); break
      case 'mine': c.rect(x + m - r, y + m - r, 2 * r, 2 * r); c.fill(); break
      case 'picked': c.arc(x + m, y + m, r, 0, 7); c.fill(); c.beginPath(); c.strokeStyle = this.colour.ground; c.moveTo(x + m - r / 2, y + m); c.lineTo(x + m - r / 6, y + m + r / 2); c.lineTo(x + m + r * 0.6, y + m - r / 2); c.stroke(); break
    }
  }

  // listen: wheel and pinch zoom, a drag pans, a click picks.
  listen() {
    const c = this.canvas, fingers = new Map()
    let moved = 0, spread = 0
    const point = e => { const box = c.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top] }
    const gap = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]) }
    this.on(c, 'wheel', e => { e.preventDefault(); this.zoom(Math.exp(-e.deltaY * 0.0015), ...point(e)) }, { passive: false })
    this.on(c, 'pointerdown', e => { c.setPointerCapture(e.pointerId); fingers.set(e.pointerId, point(e)); moved = 0; if (fingers.size === 2) spread = gap() })
    this.on(c, 'pointermove', e => {
      if (!fingers.has(e.pointerId)) return
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
        this.ask()
      }
    })
    const up = e => {
      if (!fingers.delete(e.pointerId) || moved > 6 || e.type !== 'pointerup') return
      const [px, py] = point(e), x = this.x + px / this.scale, y = this.y + py / this.scale
      if (this.scale >= SEATS_FROM) {
        const seat = this.hall.at(x, y)
        if (seat) this.onSeat?.(seat)
      } else {
        const block = this.hall.blockAt(x, y)
        if (block) { this.fit(block, 2); this.onBlock?.(block) }
      }
    }
    this.on(c, 'pointerup', up)
    this.on(c, 'pointercancel', up)
    this.observer = new ResizeObserver(() => this.size())
    this.observer.observe(c)
    this.dark = matchMedia('(prefers-color-scheme: dark)')
    this.on(this.dark, 'change', () => this.size())
  }

  on(target, name, f, options) {
    target.addEventListener(name, f, options)
    ;(this.offs ||= []).push(() => target.removeEventListener(name, f, options))
  }

  close() {
    this.ended = true
    cancelAnimationFrame(this.asked)
    this.observer.disconnect()
    for (const off of this.offs) off()
  }
}

// SeatMap is the canvas with its buttons. view is called with the View.
export function SeatMap({ hall, picked, onSeat, onBlock, view, label }) {
  const canvas = useRef(), held = useRef()
  useEffect(() => {
    held.current = new View(canvas.current, hall, { picked, onSeat: s => held.current.onSeatNow?.(s), onBlock: b => held.current.onBlockNow?.(b) })
    window.onsaleView = held.current // for measurement
    view?.(held.current)
    return () => held.current.close()
  }, [hall])
  useEffect(() => { held.current.onSeatNow = onSeat; held.current.onBlockNow = onBlock })
  const button = (name, text, act) => html`<button type="button" title=${t(name)} aria-label=${t(name)} onClick=${() => act(held.current)}>${text}</button>`
  return html`<div class="map">
    <canvas ref=${canvas} role="img" aria-label=${label || t('map.label')}></canvas>
    <div class="map-buttons">${button('map.closer', '+', v => v.zoom(1.6))}${button('map.farther', '−', v => v.zoom(1 / 1.6))}${button('map.whole', '⤢', v => v.fit())}</div>
    <ul class="legend" aria-hidden="true">
      <li class="is-free">${t('seat.available')}</li><li class="is-reserved">${t('seat.reserved')}</li><li class="is-sold">${t('seat.sold')}</li><li class="is-picked">${t('seat.picked')}</li><li class="is-mine">${t('seat.mine')}</li>
    </ul>
  </div>`
}

// SeatGrid is a subsection for keyboard and screen reader: arrows move, Enter or
// Space picks.
export function SeatGrid({ hall, block, picked, onSeat }) {
  const table = useRef()
  const state = i => picked.has(i) ? 'picked' : hall.mine.has(i) ? 'mine' : { [AVAILABLE]: 'available', [RESERVED]: 'reserved', [SOLD]: 'sold' }[hall.status[i]]
  const move = e => {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[e.key]
    const cell = e.target.closest('button')
    if (!step || !cell) return
    e.preventDefault()
    let row = Number(cell.dataset.row) + step[0], col = Number(cell.dataset.col) + step[1]
    for (; col > 0 && col <= block.width; col += step[1] || block.width + 1) {
      const to = table.current.querySelector(`[data-row="${row}"][data-col="${col}"]`)
      if (to) { to.focus(); return }
      if (!step[1]) return
    }
  }
  return html`<div class="grid" ref=${table} role="grid" aria-label=${t('grid.label', { block: block.name })} onKeyDown=${move}>
    ${block.rows.map((row, r) => html`<div role="row" key=${row.row}><span role="rowheader">${row.row}</span>
      ${row.seats.map((seat, i) => {
        const index = row.first + i, is = state(index), gap = seat - (row.seats[i - 1] || 0) - 1
        return html`${gap > 0 && html`<span class=${'aisle aisle-' + Math.min(gap, 6)}></span>`}<span role="gridcell"><button type="button" key=${index} data-row=${r} data-col=${seat} class=${'is-' + is}
          tabindex=${r === 0 && i === 0 ? 0 : -1} aria-pressed=${is === 'picked'} aria-disabled=${is !== 'available' && is !== 'picked'}
          aria-label=${t('grid.seat', { row: row.row, seat, state: t('seat.' + is) })} onClick=${() => onSeat(hall.seat(index))}>${seat}</button></span>`
      })}</div>`)}
  </div>`
}
