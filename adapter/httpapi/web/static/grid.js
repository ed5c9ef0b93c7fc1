// A subsection without the canvas.
import { html, useEffect, useRef, useState } from './vendor/htm-preact.js'
import { stateOf } from './hall.js'
import { t } from './i18n.js'

const GRID = 1500 // seats of a grid, about; the rest is some rows on

// SeatGrid is a subsection for keyboard and screen reader: arrows move, Enter or
// Space picks. Of a large one it has some rows at a time.
export function SeatGrid({ hall, block, picked, onSeat }) {
  const table = useRef(), [from, setFrom] = useState(0), goal = useRef()
  const many = Math.max(1, Math.floor(GRID / block.width)), last = Math.min(from + many, block.height)
  const reach = (row, col) => {
    const to = table.current.querySelector(`[data-row="${row}"][data-col="${col}"]`)
    if (!to) return false
    for (const other of table.current.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1
    to.tabIndex = 0
    to.focus()
    return true
  }
  useEffect(() => { // the row that an arrow led to was not there before
    if (goal.current) reach(...goal.current)
    goal.current = null
  }, [from])
  const move = e => {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[e.key]
    const cell = e.target.closest('button')
    if (!step || !cell) return
    e.preventDefault()
    const row = Number(cell.dataset.row) + step[0]
    if (row >= 0 && row < block.height && (row < from || row >= last)) {
      goal.current = [row, cell.dataset.col]
      return setFrom(row < from ? Math.max(0, from - many) : last)
    }
    for (let col = Number(cell.dataset.col) + step[1]; col > 0 && col <= block.width; col += step[1]) {
      if (reach(row, col) || !step[1]) return
    }
  }
  const turn = (name, to, can) => html`<button type="button" disabled=${!can} onClick=${() => setFrom(to)}>${t(name)}</button>`
  return html`${block.height > many && html`<p class="acts-of">${turn('grid.before', Math.max(0, from - many), from > 0)}<span role="status">${t('grid.rows', { from: block.rows[from].row, to: block.rows[last - 1].row })}</span>${turn('grid.after', last, last < block.height)}</p>`}
  <div class="grid" ref=${table} role="grid" aria-label=${t('grid.label', { block: block.name })} onKeyDown=${move}>
    ${block.rows.slice(from, last).map((row, r) => html`<div role="row" key=${row.row}><span role="rowheader">${row.row}</span>
      ${row.seats.map((seat, i) => {
        const index = row.first + i, is = stateOf(hall, picked, index), gap = seat - (row.seats[i - 1] || 0) - 1
        return html`${gap > 0 && html`<span class=${'aisle aisle-' + Math.min(gap, 6)}></span>`}<span role="gridcell"><button type="button" key=${index} data-row=${from + r} data-col=${seat} class=${'is-' + is}
          tabindex=${r === 0 && i === 0 ? 0 : -1} aria-pressed=${is === 'picked'} aria-disabled=${is !== 'available' && is !== 'picked'}
          aria-label=${t('grid.seat', { row: row.row, seat, state: t('seat.' + is) })} onClick=${() => onSeat(hall.seat(index))}>${seat}</button></span>`
      })}</div>`)}
  </div>`
}
