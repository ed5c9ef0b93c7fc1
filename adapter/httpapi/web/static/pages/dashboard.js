import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { call, checkSession, get, post } from '../api.js'
import { BlockSelect, SeatGrid } from '../grid.js'
import { errorText, lang, money, number, t, when } from '../i18n.js'
import { follow } from '../live.js'
import { useHall, useLiveSeats } from '../livehall.js'
import { SeatMap } from '../map.js'
import { decimal, minorUnits, smallest } from '../money.js'
import { ErrorBox, Field, Form, FormError, formValues, LiveBadge, LoadFailed, Loading, LogInPrompt, Note, Refusal, useAction, useRefused, useFetched, useTitle } from '../ui.js'
import { SalesChart } from './overtime.js'
import { TicketList } from './ticketlist.js'

/** @typedef {import('../hall.js').Block} Block */
/** @typedef {import('../hall.js').Seat} Seat */
/** @typedef {import('../view.js').View} View */

/** @type {Set<number>} */
const none = new Set()

/**
 * Dashboard shows the sales of an event to its seller.
 * @param {PageProps} props
 */
export function Dashboard({ id, session }) {
  const seller = session.user?.role === 'seller'
  /** @type {() => Promise<[Api.Event, Api.Layout, Api.Sales] | undefined>} */
  const load = async () => seller ? Promise.all([get('/v1/events/' + id), get(`/v1/events/${id}/layout`), get(`/v1/events/${id}/sales`)]) : undefined
  const [found, error, again] = useFetched(load, id + seller)
  useTitle(found ? t('desk.title') + ' · ' + found[0].name : error ? t('desk.title') : undefined)
  if (!seller) return html`<${LogInPrompt} title=${t('desk.title')} text=${t('sell.only')} />`
  if (error) return html`<${LoadFailed} title=${t('desk.title')} error=${error} again=${again} to="/sell" home=${t('sell.title')} />`
  if (!found) return html`<${Loading} />`
  return html`<${SalesView} found=${found} />`
}

/** @param {{ found: [Api.Event, Api.Layout, Api.Sales] }} props */
function SalesView({ found }) {
  const [event, setEvent] = useState(found[0]), [sales, setSales] = useState(found[2]), [state, setState] = useState(/** @type {StreamState} */ ('connecting'))
  const [block, setBlock] = useState(/** @type {Block | undefined} */ (undefined)), view = useRef(/** @type {View | undefined} */ (undefined))
  const [rate, restartRate] = useRate(sales.bookings), [busy, error, run] = useAction(), holder = useHolder(event)
  const hall = useHall(found[1]), seats = useLiveSeats(event, hall, view)
  useEffect(() => follow(`/v1/events/${event.id}/sales/stream`, {
    on(kind, data) {
      if (kind === 'snapshot') restartRate()
      setSales(data)
    },
    state: setState,
    refused: checkSession,
  }), [event.id])
  const open = (/** @type {Block | undefined} */ b) => { setBlock(b); if (b) view.current?.fit(b, 2) }
  const archive = () => { if (confirm(t('desk.sure_archive'))) run(async () => setEvent(await post(`/v1/events/${event.id}/archive`))) }
  const close = () => { if (confirm(t('desk.sure'))) run(async () => setEvent(await post(`/v1/events/${event.id}/closure`))) }
  /** @type {(name: string, value: string) => unknown} */
  const figure = (name, value) => html`<div class="figure"><dt>${t('desk.' + name)}</dt><dd data-figure=${name}>${value}</dd></div>`
  return html`<div class="head"><div><h1>${event.name}</h1><p>${event.venue_name} · ${when(event.starts_at, event.time_zone)} · ${t('sell.' + event.status)}</p></div><${LiveBadge} states=${[state, seats]} /></div>
    ${seats === 'reading' && html`<p class="box" role="status">${t('event.reading')}</p>`}
    <dl class="figures">
      ${figure('sold', number(sales.sold))}${figure('held', number(sales.reserved))}${figure('free', number(sales.available))}
      ${figure('revenue', money(sales.revenue))}${figure('bookings', number(sales.bookings))}${figure('rate', number(rate))}
    </dl>
    <div class="sale"><div class="hall">
      ${event.status === 'archived' ? html`<p class="box" role="status">${t('event.archived')}</p>` : html`<${SeatMap} hall=${hall} picked=${none} onSeat=${holder.find} onBlock=${setBlock} view=${(/** @type {View} */ v) => { view.current = v }} />`}
      <${Note} of=${holder.text} />
    </div><aside>
      <div class="box"><h2>${t('desk.time')}</h2>${sales.over_time.length ? html`<${SalesChart} key=${lang()} intervals=${sales.over_time} currency=${event.currency} />` : html`<p>${t('desk.no_sales')}</p>`}</div>
      <div class="box"><h2>${t('desk.edit')}</h2>${event.status !== 'archived' && html`<${DetailsForm} event=${event} changed=${setEvent} />`}
        ${event.status === 'on_sale' && html`<button type="button" class="danger" disabled=${busy} onClick=${close}>${t('desk.close')}</button>`}
        ${event.status === 'closed' && html`<button type="button" class="danger" disabled=${busy} onClick=${archive}>${t('desk.archive')}</button>`}
        ${event.status === 'archiving' && html`<p class="box" role="status">${t('desk.archiving')}</p>`}
        ${error && html`<${ErrorBox} error=${error} />`}
      </div>
    </aside><div class="below">
      ${event.status !== 'archived' && html`<${BlockSelect} hall=${hall} block=${block} choose=${open} />`}
      ${block && html`<${SeatGrid} key=${block.name} hall=${hall} block=${block} onSeat=${holder.find} can=${() => true} />`}
    </div></div>
    <h2>${t('desk.sections')}</h2>
    <${Sections} event=${event} sales=${sales} changed=${setEvent} />
    <${TicketList} event=${event} />`
}

/**
 * useHolder finds out who has a seat.
 * @param {Api.Event} event
 */
function useHolder(event) {
  const [is, set] = useState(/** @type {{ busy?: boolean, error?: unknown, ticket?: Api.Ticket }} */ ({})), turn = useRef(0)
  const find = async (/** @type {Seat} */ seat) => {
    const mine = ++turn.current
    const answer = (/** @type {typeof is} */ found) => { if (mine === turn.current) set(found) } // otherwise another seat was asked for meanwhile
    answer({ busy: true })
    const path = `/v1/events/${event.id}/tickets?section=${encodeURIComponent(seat.block.section.name)}&subsection=${seat.block.number}&limit=200`
    try {
      for (let cursor = ''; cursor !== null && mine === turn.current;) {
        const page = await get(path + (cursor && '&cursor=' + encodeURIComponent(cursor)))
        const ticket = page.items.find((/** @type {Api.Ticket} */ x) => x.seat_id === seat.id)
        if (ticket) return answer({ ticket })
        cursor = page.next_cursor
      }
    } catch (error) {
      answer({ error })
    }
  }
  const text = () => {
    if (is.busy) return t('desk.busy')
    if (is.error) return errorText(is.error)
    if (!is.ticket) return t('desk.who')
    const { seat_id: seat, status, holder } = is.ticket
    return t(holder ? 'desk.holder' : 'desk.nobody', { seat, state: t('seat.' + status), name: holder?.name, email: holder?.email })
  }
  return { find, text }
}

/** @param {{ event: Api.Event, sales: Api.Sales, changed: (event: Api.Event) => void }} props */
function Sections({ event, sales, changed }) {
  const columns = ['event.section', 'event.price', 'desk.sold', 'desk.held', 'desk.free', 'desk.revenue']
  const cell = (/** @type {string} */ name, /** @type {string} */ value) => html`<td data-label=${t('desk.' + name)}>${value}</td>`
  return html`<div class="scroll"><table class="stacked by-section"><thead><tr>${columns.map(c => html`<th key=${c}>${t(c)}</th>`)}<td></td></tr></thead>
    <tbody>${sales.sections.map(s => html`<tr key=${s.section}>
      <th scope="row" data-label=${t('event.section')}>${s.section}</th>
      <td data-label=${t('event.price')}><${PriceForm} event=${event} name=${s.section} changed=${changed} /></td>
      ${cell('sold', number(s.sold))}${cell('held', number(s.reserved))}${cell('free', number(s.available))}${cell('revenue', money(s.revenue))}
      <td class="share"><${ShareBar} of=${s} /></td></tr>`)}</tbody></table></div>`
}

/**
 * ShareBar draws a section's sold, held and free seats as one bar.
 * @param {{ of: Api.SectionSales }} props
 */
function ShareBar({ of: s }) {
  const all = s.sold + s.reserved + s.available || 1, sold = 100 * s.sold / all
  return html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="is-free" width="100" height="8" /><rect class="is-reserved" x=${sold} width=${100 * s.reserved / all} height="8" /><rect class="is-mine" width=${sold} height="8" /></svg>`
}

const RATE_OVER = 10000 // ms

/**
 * useRate returns how much a count grew per second over the last ten seconds, and a
 * function that starts over. A snapshot starts over: what was booked while the stream
 * was away did not happen within a second.
 * @param {number} count
 * @returns {[number, () => void]}
 */
function useRate(count) {
  const seen = useRef(/** @type {[at: number, count: number][]} */ ([])), [, redraw] = useState(0)
  useEffect(() => { // it falls when nothing is booked
    const timer = setInterval(() => redraw(n => n + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  const now = Date.now()
  seen.current.push([now, count])
  while (now - seen.current[0][0] > RATE_OVER && seen.current.length > 1) seen.current.shift()
  const [at, before] = seen.current[0], rate = (count - before) / Math.max(1, (now - at) / 1000)
  return [rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate), () => { seen.current = [] }]
}

/**
 * PriceForm changes the price of a section. Prices are fixed once the sale is closed.
 * @param {{ event: Api.Event, name: string, changed: (event: Api.Event) => void }} props
 */
function PriceForm({ event, name, changed }) {
  const price = event.sections.find(s => s.name === name)?.price, [busy, error, run] = useAction(), [saved, setSaved] = useState(false)
  if (!price || event.status !== 'on_sale') return money(price)
  /** @param {SubmitEvent & { target: HTMLFormElement }} e */
  const save = e => {
    e.preventDefault()
    const change = { price: minorUnits(formValues(e.target).price, price.currency) }
    run(async () => { changed(await call('PUT', `/v1/events/${event.id}/sections/${encodeURIComponent(name)}/price`, change)); setSaved(true) })
  }
  const step = smallest(price.currency)
  return html`<${Form} class="inline" error=${error} onSubmit=${save} onInput=${() => setSaved(false)}>
    <${PriceField} label=${t('event.price') + ' ' + name} min=${step} step=${step} defaultValue=${decimal(price)} /> ${price.currency}
    <button disabled=${busy} aria-label=${t('desk.price') + ' ' + name}>${t('desk.price')}</button> <span role="status">${saved && t('desk.saved')}</span>
    <${Refusal} name="price" /><${FormError} /><//>`
}

/** @param {{ label: string } & Record<string, unknown>} props */
const PriceField = ({ label, ...input }) => html`<input name="price" aria-label=${label} type="number" required ...${useRefused('price')} ...${input} />`

/**
 * DetailsForm changes the name, venue and description of an event.
 * @param {{ event: Api.Event, changed: (event: Api.Event) => void }} props
 */
function DetailsForm({ event, changed }) {
  const [busy, error, run] = useAction(), [saved, setSaved] = useState(false)
  /** @param {SubmitEvent & { target: HTMLFormElement }} e */
  const save = e => {
    e.preventDefault()
    const v = formValues(e.target)
    run(async () => { changed(await call('PATCH', '/v1/events/' + event.id, v)); setSaved(true) })
  }
  return html`<${Form} error=${error} onSubmit=${save} onInput=${() => setSaved(false)}>
    <${Field} name="name" label=${t('new.name')} maxlength="128" defaultValue=${event.name} required />
    <${Field} name="venue_name" label=${t('new.venue')} maxlength="128" defaultValue=${event.venue_name} required />
    <label class="field"><span>${t('new.description')}</span><textarea name="description" rows="3" defaultValue=${event.description}></textarea><${Refusal} name="description" /></label>
    <button disabled=${busy}>${t('desk.save')}</button> <span role="status">${saved && t('desk.saved')}</span>
    <${FormError} /><//>`
}
