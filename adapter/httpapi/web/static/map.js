// The map as the pages have it: the canvas with its buttons.
import { html, useEffect, useRef } from './vendor/htm-preact.js'
import { stateOf } from './hall.js'
import { lang, money, number, t } from './i18n.js'
import { View } from './view.js'

// SeatMap is the canvas with its buttons, and with what the shapes of some states
// mean. view is called with the View.
export function SeatMap({ hall, picked, onSeat, onBlock, view, states = ['available', 'reserved', 'sold'] }) {
  const canvas = useRef(), held = useRef(), tip = useRef()
  useEffect(() => {
    const onHover = (is, x, y) => {
      tip.current.hidden = !is
      if (!is) return
      tip.current.textContent = told(hall, held.current.picked, is)
      const left = Math.min(x + 14, canvas.current.clientWidth - tip.current.offsetWidth - 4)
      tip.current.style.transform = `translate(${left}px, ${y + 18}px)`
    }
    held.current = new View(canvas.current, hall, { picked, onHover, onSeat: s => held.current.onSeatNow?.(s), onBlock: b => held.current.onBlockNow?.(b) })
    window.onsaleView = held.current // for measurement
    view?.(held.current)
    return () => { delete window.onsaleView; held.current.close() }
  }, [hall])
  useEffect(() => held.current.ask(), [lang()]) // there are texts on it
  useEffect(() => { held.current.onSeatNow = onSeat; held.current.onBlockNow = onBlock })
  const button = (name, text, act) => html`<button type="button" title=${t(name)} aria-label=${t(name)} onClick=${() => act(held.current)}>${text}</button>`
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

// told says what a seat or a subsection is.
function told(hall, picked, is) {
  const price = (is.block || is).section.price, costs = price ? [money(price)] : []
  if (is.block) return [is.block.name, t('grid.seat', { row: is.row, seat: is.number, state: t('seat.' + stateOf(hall, picked, is.index)) }), ...costs].join(' · ')
  return [is.name, is.left === null ? t('seat.unknown') : t('home.left', { n: number(is.left), all: number(is.count) }), ...costs].join(' · ')
}
