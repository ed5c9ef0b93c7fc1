import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { get } from '../api.js'
import { money, t } from '../i18n.js'
import { ErrorBox, Loading } from '../ui.js'

/**
 * TicketList lists who has which seat, one page at a time.
 * @param {{ event: Api.Event }} props
 */
export function TicketList({ event }) {
  const [filter, setFilter] = useState({ section: '', status: 'sold' }), last = useRef(0)
  const [list, setList] = useState(/** @type {{ items: Api.Ticket[], cursor?: string | null, busy?: boolean, error?: unknown }} */ ({ items: [], busy: true }))
  /** @param {string} cursor */
  const path = cursor => `/v1/events/${event.id}/tickets?` + new URLSearchParams(Object.entries({ ...filter, limit: '50', cursor }).filter(([, v]) => v))
  /**
   * load adds a page to those before it. What it shows meanwhile has the same filter.
   * @param {string} cursor
   * @param {Api.Ticket[]} before
   * @param {Api.Ticket[]} meanwhile
   */
  const load = async (cursor, before, meanwhile = before) => {
    const turn = ++last.current
    setList({ items: meanwhile, cursor, busy: true })
    const is = await get(path(cursor)).then(page => ({ items: [...before, ...page.items], cursor: page.next_cursor }), error => ({ items: before, cursor, error }))
    if (turn === last.current) setList(is) // otherwise another filter was chosen meanwhile
  }
  useEffect(() => { load('', []) }, [filter])
  const choose = (/** @type {string} */ name) => (/** @type {any} */ e) => setFilter(old => ({ ...old, [name]: e.target.value }))
  return html`<div class="head"><h2>${t('tickets.title')}</h2><a class="button" href=${`/v1/events/${event.id}/tickets.csv`} download>${t('desk.csv')}</a></div>
    <div class="filter">
      <label class="field"><span>${t('event.section')}</span><select value=${filter.section} onChange=${choose('section')}><option value="">${t('event.any')}</option>${event.sections.map(s => html`<option key=${s.name} value=${s.name}>${s.name}</option>`)}</select></label>
      <label class="field"><span>${t('booking.state')}</span><select value=${filter.status} onChange=${choose('status')}><option value="">${t('event.any')}</option>${['sold', 'reserved', 'available'].map(s => html`<option key=${s} value=${s}>${t('seat.' + s)}</option>`)}</select></label>
      <button type="button" onClick=${() => load('', [], list.items)}>${t('desk.look')}</button>
    </div>
    ${list.error && html`<${ErrorBox} error=${list.error} />`}
    ${list.items.length === 0 ? !list.busy && !list.error && html`<p>${t('desk.none')}</p>` : html`<div class="scroll"><table class="stacked holders" aria-busy=${!!list.busy}><thead><tr><th>${t('booking.seats')}</th><th>${t('booking.state')}</th><th>${t('event.price')}</th><th>${t('desk.holder_name')}</th></tr></thead>
      <tbody>${list.items.map(x => html`<tr key=${x.ticket_id}><th scope="row" class="seat" data-label=${t('booking.seats')}>${x.seat_id}</th><td data-label=${t('booking.state')}>${t('seat.' + x.status)}</td><td data-label=${t('event.price')}>${money(x.price)}</td><td class="breaks" data-label=${t('desk.holder_name')}>${x.holder ? `${x.holder.name} (${x.holder.email})` : '–'}</td></tr>`)}</tbody></table></div>`}
    ${list.busy && html`<${Loading} />`}
    ${list.cursor && html`<button type="button" onClick=${() => load(list.cursor ?? '', list.items)}>${t('home.more')}</button>`}`
}
