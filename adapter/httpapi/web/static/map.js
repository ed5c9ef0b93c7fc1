// The map as the pages show it: the canvas, its buttons and its legend.
import { html, useEffect, useRef } from './vendor/htm-preact.js'
import { stateOf } from './hall.js'
import { lang, money, number, t } from './i18n.js'
import { View } from './view.js'

/** @typedef {import('./hall.js').Hall} Hall */
/** @typedef {import('./hall.js').Block} Block */
/** @typedef {import('./hall.js').Seat} Seat */

/**
 * SeatMap shows a hall. states are those that the legend explains. view gets the View.
 * @param {{ hall: Hall, picked: Set<number>, onSeat?: (seat: Seat) => void, onBlock?: (block: Block) => void, view?: (view: View) => void, states?: string[] }} props
 */
export function SeatMap({ hall, picked, onSeat, onBlock, view, states = ['available', 'reserved', 'sold'] }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null)), tip = useRef(/** @type {HTMLElement | null} */ (null))
  const held = useRef(/** @type {View | undefined} */ (undefined))
  useEffect(() => {
    const on = /** @type {HTMLCanvasElement} */ (canvas.current), at = /** @type {HTMLElement} */ (tip.current)
    const made = new View(on, hall, {
      picked,
      onHover(is, x, y) {
        at.hidden = !is
        if (!is) return
        at.textContent = 'block' in is ? seatText(hall, made.picked, is) : blockText(is)
        at.style.transform = `translate(${Math.min(x + 14, on.clientWidth - at.offsetWidth - 4)}px, ${y + 18}px)`
      },
      onSeat: seat => made.onSeatNow?.(seat),
      onBlock: block => made.onBlockNow?.(block),
    })
    held.current = window.onsaleView = made
    view?.(made)
    return () => { delete window.onsaleView; made.close() }
  }, [hall])
  useEffect(() => held.current?.ask(), [lang()]) // there are texts on the map
  useEffect(() => { if (held.current) Object.assign(held.current, { onSeatNow: onSeat, onBlockNow: onBlock }) })
  /** @type {(name: string, text: string, act: (view: View) => void) => unknown} */
  const button = (name, text, act) => html`<button type="button" title=${t(name)} aria-label=${t(name)} onClick=${() => held.current && act(held.current)}>${text}</button>`
  return html`<div class="map">
    <div class="map-bar">
      <ul class="legend" aria-hidden="true">
        ${states.map(s => html`<li key=${s} class=${'is-' + s}>${t('seat.' + s)}</li>`)}
        ${states.length > 0 && html`<li key="tint" class="is-tint">${t('map.tint')}</li>`}
      </ul>
      <div class="map-buttons">${button('map.closer', '+', v => v.zoom(1.6))}${button('map.farther', '−', v => v.zoom(1 / 1.6))}${button('map.whole', '⤢', v => v.fit())}</div>
    </div>
    <div class="map-hall"><canvas ref=${canvas} role="img" aria-label=${t('map.label')}></canvas><div class="tip" ref=${tip} hidden aria-hidden="true"></div></div>
  </div>`
}

/** @type {(hall: Hall, picked: Set<number>, seat: Seat) => string} */
const seatText = (hall, picked, seat) => joined([seat.block.name, t('grid.seat', { row: seat.row, seat: seat.number, state: t('seat.' + stateOf(hall, picked, seat.index)) })], seat.block.section.price)

/** @type {(block: Block) => string} */
const blockText = block => joined([block.name, block.left === null ? t('seat.unknown') : t('home.left', { n: number(block.left), all: number(block.count) })], block.section.price)

/** @type {(parts: string[], price?: Api.Money) => string} */
const joined = (parts, price) => [...parts, ...(price ? [money(price)] : [])].join(' · ')
