// A hall without the canvas: a list of its blocks, and one block as a grid.
import { html, useEffect, useRef, useState } from './vendor/htm-preact.js'
import { stateOf } from './hall.js'
import { number, t } from './i18n.js'

/** @typedef {import('./hall.js').Hall} Hall */
/** @typedef {import('./hall.js').Block} Block */
/** @typedef {import('./hall.js').Seat} Seat */

const MOST_SEATS = 1500 // of a grid, about; a larger block is shown some rows at a time

/**
 * BlockSelect chooses a block without the map.
 * @param {{ hall: Hall, block?: Block, choose: (block?: Block) => void }} props
 */
export function BlockSelect({ hall, block, choose }) {
  return html`<label class="field blocks"><span>${t('grid.open')}</span>
    <select value=${block?.name || ''} onChange=${(/** @type {any} */ e) => choose(hall.blocks.find(b => b.name === e.target.value))}>
      <option value="">–</option>
      ${hall.sections.map(s => html`<optgroup key=${s.name} label=${s.name}>
        ${s.blocks.map(b => html`<option key=${b.name} value=${b.name}>${withFree(b.name, b)}</option>`)}
      </optgroup>`)}
    </select></label>`
}

/**
 * withFree returns a block's name with its number of free seats.
 * @param {string | number} name
 * @param {Block} block
 */
export const withFree = (name, block) => block.left === null ? String(name) : `${name} (${number(block.left)})`

/** @type {Set<number>} */
const none = new Set()
/** @param {string} state */
const isPickable = state => state === 'available' || state === 'picked'

/**
 * SeatGrid shows a block for keyboard and screen reader. Arrows move; Enter or Space
 * acts on a seat, if its state allows it. Where seats can be picked, each says whether
 * it is.
 * @param {{ hall: Hall, block: Block, picked?: Set<number>, onSeat: (seat: Seat) => void, can?: (state: string) => boolean }} props
 */
export function SeatGrid({ hall, block, picked, onSeat, can = isPickable }) {
  const table = useRef(/** @type {HTMLElement | null} */ (null)), [from, setFrom] = useState(0)
  const target = useRef(/** @type {[row: number, position: number] | null} */ (null))
  const many = Math.max(1, Math.floor(MOST_SEATS / block.width)), last = Math.min(from + many, block.height)
  /**
   * @param {number} row
   * @param {number} position
   */
  const focus = (row, position) => {
    const to = nearest(table.current?.querySelectorAll(`[data-row="${row}"]`), position)
    if (!to) return
    for (const other of table.current?.querySelectorAll('[tabindex="0"]') || []) /** @type {HTMLElement} */ (other).tabIndex = -1
    to.tabIndex = 0
    to.focus()
  }
  useEffect(() => { // a key led to a row that was not drawn yet
    if (target.current) focus(...target.current)
    target.current = null
  }, [from])
  /**
   * @param {number} row
   * @param {number} position
   */
  const go = (row, position) => {
    if (row >= from && row < last) return focus(row, position)
    target.current = [row, position]
    setFrom(Math.floor(row / many) * many)
  }
  /** @param {KeyboardEvent} e */
  const move = e => {
    const cell = e.target instanceof Element && /** @type {HTMLElement | null} */ (e.target.closest('button'))
    if (!cell) return
    const row = Number(cell.dataset.row), position = Number(cell.dataset.col), seats = block.rows[row].seats, i = seats.indexOf(position)
    /** @type {Record<string, [row: number, position: number | undefined]>} */
    const moves = {
      ArrowRight: [row, seats[i + 1]], ArrowLeft: [row, seats[i - 1]], ArrowDown: [row + 1, position], ArrowUp: [row - 1, position],
      Home: [e.ctrlKey ? 0 : row, seats[0]], End: [e.ctrlKey ? block.height - 1 : row, seats.at(-1)],
      PageDown: [Math.min(row + 10, block.height - 1), position], PageUp: [Math.max(row - 10, 0), position],
    }
    const to = moves[e.key]
    if (!to) return
    e.preventDefault()
    if (to[0] >= 0 && to[0] < block.height) go(to[0], to[1] ?? position)
  }
  /** @type {(name: string, to: number, can: boolean) => unknown} */
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

/**
 * nearest returns the seat of a row whose position is closest to one.
 * @param {NodeListOf<Element> | undefined} seats
 * @param {number} position
 */
function nearest(seats, position) {
  /** @type {HTMLElement | undefined} */
  let best
  const distance = (/** @type {HTMLElement} */ seat) => Math.abs(Number(seat.dataset.col) - position)
  for (const seat of /** @type {NodeListOf<HTMLElement>} */ (seats || [])) if (!best || distance(seat) < distance(best)) best = seat
  return best
}
