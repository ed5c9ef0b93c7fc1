// A hall without the canvas: a list of its subsections, and one as a grid.
import { html, useEffect, useRef, useState } from './vendor/htm-preact.js'
import { stateOf } from './hall.js'
import { number, t } from './i18n.js'

const GRID = 1500 // seats of a grid, about; the rest is some rows on

// Blocks chooses a subsection without the map.
export function Blocks({ hall, block, choose }) {
  return html`<label class="field blocks"><span>${t('grid.open')}</span>
    <select value=${block?.name || ''} onChange=${e => choose(hall.blocks.find(b => b.name === e.target.value))}>
      <option value="">–</option>
      ${hall.sections.map(s => html`<optgroup key=${s.name} label=${s.name}>
        ${s.blocks.map(b => html`<option key=${b.name} value=${b.name}>${withLeft(b.name, b)}</option>`)}
      </optgroup>`)}
    </select></label>`
}

// withLeft is a name of a subsection with how many are free in it.
export const withLeft = (name, block) => block.left === null ? String(name) : `${name} (${number(block.left)})`

const none = new Set(), pickable = is => is === 'available' || is === 'picked'

// SeatGrid is a subsection for keyboard and screen reader: arrows move, Enter or
// Space acts on a seat, if it can be acted on as what it is. Where seats can be
// picked, each says whether it is. Of a large one it has some rows at a time.
export function SeatGrid({ hall, block, picked, onSeat, can = pickable }) {
  const table = useRef(), [from, setFrom] = useState(0), goal = useRef()
  const many = Math.max(1, Math.floor(GRID / block.width)), last = Math.min(from + many, block.height)
  const reach = (row, col) => {
    const to = nearest(table.current.querySelectorAll(`[data-row="${row}"]`), col)
    if (!to) return
    for (const other of table.current.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1
    to.tabIndex = 0
    to.focus()
  }
  useEffect(() => { // the row that a key led to was not there before
    if (goal.current) reach(...goal.current)
    goal.current = null
  }, [from])
  const go = (row, col) => {
    if (row >= from && row < last) return reach(row, col)
    goal.current = [row, col]
    setFrom(Math.floor(row / many) * many)
  }
  const move = e => {
    const cell = e.target.closest('button')
    if (!cell) return
    const row = Number(cell.dataset.row), col = Number(cell.dataset.col), seats = block.rows[row].seats, i = seats.indexOf(col)
    const to = {
      ArrowRight: [row, seats[i + 1] ?? col], ArrowLeft: [row, seats[i - 1] ?? col], ArrowDown: [row + 1, col], ArrowUp: [row - 1, col],
      Home: [e.ctrlKey ? 0 : row, seats[0]], End: [e.ctrlKey ? block.height - 1 : row, seats.at(-1)],
      PageDown: [Math.min(row + 10, block.height - 1), col], PageUp: [Math.max(row - 10, 0), col],
    }[e.key]
    if (!to) return
    e.preventDefault()
    if (to[0] >= 0 && to[0] < block.height) go(...to)
  }
  const turn = (name, to, can) => html`<button type="button" disabled=${!can} onClick=${() => setFrom(to)}>${t(name)}</button>`
  return html`${block.height > many && html`<p class="acts-of">
      ${turn('grid.before', Math.max(0, from - many), from > 0)}
      <span role="status">${t('grid.rows', { from: block.rows[from].row, to: block.rows[last - 1].row })}</span>
      ${turn('grid.after', last, last < block.height)}</p>`}
  <div class="grid" ref=${table} role="grid" aria-label=${t('grid.label', { block: block.name })} aria-rowcount=${block.height} aria-colcount=${block.width} onKeyDown=${move}>
    ${block.rows.slice(from, last).map((row, r) => html`<div role="row" key=${row.row} aria-rowindex=${from + r + 1}><span role="rowheader">${row.row}</span>
      ${row.seats.map((seat, i) => {
        const index = row.first + i, is = stateOf(hall, picked || none, index), gap = seat - (row.seats[i - 1] || 0) - 1
        return html`${gap > 0 && html`<span class=${'aisle aisle-' + Math.min(gap, 6)}></span>`}<span role="gridcell" aria-colindex=${seat}>
          <button type="button" key=${index} data-row=${from + r} data-col=${seat} class=${'is-' + is} tabindex=${r === 0 && i === 0 ? 0 : -1}
            aria-pressed=${picked && is === 'picked'} aria-disabled=${!can(is)}
            aria-label=${t('grid.seat', { row: row.row, seat, state: t('seat.' + is) })} onClick=${() => onSeat(hall.seat(index))}>${seat}</button></span>`
      })}</div>`)}
  </div>`
}

// nearest is the seat of a row whose number is closest.
function nearest(seats, col) {
  let best
  for (const seat of seats) if (!best || Math.abs(seat.dataset.col - col) < Math.abs(best.dataset.col - col)) best = seat
  return best
}
