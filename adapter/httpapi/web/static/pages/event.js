import { html, useEffect, useMemo, useRef, useState } from '../vendor/htm-preact.js'
import { get } from '../api.js'
import { BlockSelect, SeatGrid } from '../grid.js'
import { money, number, t, when } from '../i18n.js'
import { useHall, useLiveSeats } from '../livehall.js'
import { SeatMap } from '../map.js'
import { isActive, useBookings } from '../mybookings.js'
import { LiveBadge, LoadFailed, Loading, useFetched, useNote, useTitle } from '../ui.js'
import { announcement, BookingCard } from './bookingcard.js'
import { BookingRequest } from './bookingrequest.js'
import { Truncated } from './bookings.js'
import { usePicks } from './picks.js'

/** @typedef {import('../hall.js').Hall} Hall */
/** @typedef {import('../hall.js').Block} Block */
/** @typedef {import('../hall.js').Seat} Seat */
/** @typedef {import('../view.js').View} View */

const PRICE_AGE = 60000 // ms, about, after which prices are asked for again

/**
 * EventPage sells the seats of an event.
 * @param {PageProps} props
 */
export function EventPage({ id, session }) {
  /** @type {() => Promise<[Api.Event, Api.Layout]>} */
  const load = () => Promise.all([get('/v1/events/' + id), get(`/v1/events/${id}/layout`)])
  const [found, error, again] = useFetched(load, id)
  useTitle(found ? found[0].name : error ? t('booking.event') : undefined)
  if (error) return html`<${LoadFailed} title=${t('booking.event')} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${SaleView} found=${found[0]} layout=${found[1]} session=${session} />`
}

/**
 * useCurrentEvent keeps an event up to date: its seller may change prices or close the
 * sale. It loads the event when somebody comes back to the page, and the layout, which
 * is cheap, once a minute.
 * @param {Api.Event} found
 * @returns {[Api.Event, () => void]}
 */
function useCurrentEvent(found) {
  const [event, set] = useState(found), path = '/v1/events/' + found.id
  const reload = () => { get(path).then(set, () => {}) }
  useEffect(() => {
    const shown = () => { if (!document.hidden) reload() }
    const priced = (/** @type {Api.Layout} */ layout) => set(e => ({ ...e, sections: e.sections.map((s, i) => ({ ...s, price: layout.sections[i].price })) }))
    const prices = () => { if (!document.hidden) get(path + '/layout').then(priced, () => {}) }
    const timer = setInterval(prices, PRICE_AGE * (0.5 + Math.random()))
    document.addEventListener('visibilitychange', shown)
    return () => { clearInterval(timer); document.removeEventListener('visibilitychange', shown) }
  }, [found.id])
  return [event, reload]
}

/** @param {{ found: Api.Event, layout: Api.Layout, session: Login }} props */
function SaleView({ found, layout, session }) {
  const [event, reload] = useCurrentEvent(found), hall = useHall(layout), view = useRef(/** @type {View | undefined} */ (undefined)), [note, say] = useNote()
  const [mode, setMode] = useState(/** @type {import('./bookingrequest.js').Mode} */ ('best')), [block, setBlock] = useState(/** @type {Block | undefined} */ (undefined))
  const [area, setArea] = useState(/** @type {import('./bookingrequest.js').Area} */ ({ section: event.sections[0].name, subsection: '' }))
  const buyer = session.user?.role === 'buyer', [bookings, answers, take, told] = useBookings(buyer && '/v1/bookings/stream?event_id=' + event.id)
  const mine = useShownBookings(bookings, told, hall, view), picks = usePicks(event, hall, view, say, bookings, buyer ? told.since : -Infinity)
  const [paying, pay] = usePaying(mine.shown)
  const choose = (/** @type {Block | undefined} */ b) => { // the best available seats are looked for where the buyer looks
    setBlock(b)
    setArea(old => b ? { section: b.section.name, subsection: b.number } : { ...old, subsection: '' })
  }
  const open = (/** @type {Block | undefined} */ b) => { choose(b); if (b) view.current?.fit(b, 2) }
  const seats = useLiveSeats(event, hall, view, () => {
    const [restored] = picks.seatsChanged()
    if (restored === undefined) return
    setMode('hand')
    open(hall.blockOf(restored))
  })
  const toggle = (/** @type {Seat} */ seat) => {
    if (event.status !== 'on_sale') return
    say()
    picks.toggle(seat)
    if (picks.picked.size) setMode('hand')
    choose(seat.block)
  }
  const elsewhere = (/** @type {Block} */ b) => { setMode('best'); open(b) }
  const dismiss = (/** @type {Api.Booking} */ b) => { // the button had the focus
    mine.dismiss(b)
    document.getElementById(event.status === 'on_sale' ? 'booking-request' : 'content')?.focus()
  }
  const began = (/** @type {Api.Booking} */ b) => {
    mine.begin(b)
    pay(b.id)
    take([b])
    if (event.sections.find(s => s.name === b.section)?.price.amount === b.unit_price.amount) return
    say(() => t('pick.price', { price: money(b.unit_price) }))
    reload()
  }
  return html`
    <div class="head"><div><h1>${event.name}</h1><p>${event.venue_name} · ${when(event.starts_at, event.time_zone)} · ${t('event.by', { seller: event.seller.name })}</p></div>
      <${LiveBadge} states=${buyer ? [seats, answers] : [seats]} /></div>
    ${event.description && html`<p class="description">${event.description}</p>`}
    ${event.status !== 'on_sale' && html`<p class="box" role="status">${t(event.status === 'archived' ? 'event.archived' : 'event.closed')}</p>`}
    ${seats === 'reading' && html`<p class="box" role="status">${t('event.reading')}</p>`}
    <div class="sale">
      <div class="hall">
        ${event.status !== 'archived' && html`<${SeatMap} hall=${hall} picked=${picks.picked} onSeat=${toggle} onBlock=${choose} states=${['available', 'reserved', 'sold', 'picked', 'mine']} view=${(/** @type {View} */ v) => { view.current = v }} />`}
      </div>
      <aside>
        <p class="sr" role="status">${mine.news && announcement(mine.news)}</p>
        ${mine.shown.map(b => html`<${BookingCard} key=${b.id} booking=${b} take=${take} hall=${hall} pick=${toggle} elsewhere=${elsewhere} begun=${mine.begun(b)} paying=${b.id === paying} pay=${() => pay(b.id)} dismiss=${isActive(b) ? null : () => dismiss(b)} />`)}
        ${told.truncated && html`<${Truncated} shown=${bookings.length} />`}
        ${event.status === 'on_sale' && html`<${BookingRequest} event=${event} hall=${hall} picks=${picks} area=${area} setArea=${setArea} mode=${mode} setMode=${setMode} buyer=${buyer} note=${note} reload=${reload} began=${began} made=${bookings.filter(told.made).length} />`}
        ${event.status !== 'archived' && html`<${Prices} event=${event} hall=${hall} show=${(/** @type {import('../hall.js').Section} */ s) => view.current?.fit(s, 2)} />`}
      </aside>
      <div class="below">
        ${event.status !== 'archived' && html`<${BlockSelect} hall=${hall} block=${block} choose=${open} />`}
        ${block && html`<${SeatGrid} key=${block.name} hall=${hall} block=${block} picked=${picks.picked} onSeat=${toggle} />`}
      </div>
    </div>`
}

/**
 * useShownBookings puts the seats of a buyer's bookings on the map and chooses the
 * bookings to show: those that are active, and the one that ended last while the page
 * was open. Without any of these it is the last one that was paid. news is the booking
 * that changed last.
 * @param {Api.Booking[]} bookings
 * @param {import('../mybookings.js').Told} told
 * @param {Hall} hall
 * @param {Ref<View>} view
 */
function useShownBookings(bookings, told, hall, view) {
  const begun = useRef(/** @type {Set<string>} */ (new Set())), before = useRef(/** @type {Iterable<number>} */ ([])), news = useRef(/** @type {Api.Booking | undefined} */ (undefined))
  const [dismissed, setDismissed] = useState(/** @type {string[]} */ ([]))
  const seen = useRef(/** @type {Map<string, string>} */ (new Map())) // the last status shown of each booking, in the order of their changes
  hall.mine = useMemo(() => new Set(bookings.filter(b => b.status === 'paid' || b.status === 'pending_payment').flatMap(b => b.seats.map(s => hall.find(s))).filter(i => i >= 0)), [bookings])
  const changed = useMemo(() => { // oldest first
    const changed = bookings.filter(b => (isActive(b) || told.made(b) || seen.current.has(b.id)) && seen.current.get(b.id) !== b.status).reverse()
    for (const b of changed) {
      seen.current.delete(b.id) // moves it to the end
      seen.current.set(b.id, b.status)
      news.current = b
    }
    return changed
  }, [bookings])
  useEffect(() => {
    view.current?.changed([...new Set([...before.current, ...hall.mine])])
    before.current = hall.mine
    // Show the seats that were found for the buyer.
    for (const b of changed) if (b.status === 'pending_payment' && b.seat_selection_mode === 'best_available' && begun.current.has(b.id)) view.current?.fit(hall.blockOf(hall.find(b.seats[0])), 2)
  }, [bookings])
  const ended = bookings.filter(b => !isActive(b) && !dismissed.includes(b.id)), order = [...seen.current.keys()]
  const saw = ended.filter(b => seen.current.has(b.id)).sort((a, b) => order.indexOf(b.id) - order.indexOf(a.id))
  const last = saw[0] ?? (bookings.some(isActive) ? null : ended.find(b => b.status === 'paid'))
  return {
    news: news.current,
    shown: bookings.filter(b => isActive(b) || b === last),
    begin: (/** @type {Api.Booking} */ b) => { begun.current.add(b.id); seen.current.set(b.id, 'asked') },
    begun: (/** @type {Api.Booking} */ b) => begun.current.has(b.id),
    dismiss: (/** @type {Api.Booking} */ b) => setDismissed(old => [...old, b.id]),
  }
}

/**
 * usePaying chooses the booking whose payment form is open, and returns a function that
 * opens another one. A booking that is made elsewhere does not take its place.
 * @param {Api.Booking[]} shown
 * @returns {[string | undefined, (id: string) => void]}
 */
function usePaying(shown) {
  const [chosen, choose] = useState(/** @type {string | undefined} */ (undefined))
  const unpaid = shown.filter(b => b.status === 'pending_payment'), is = (unpaid.find(b => b.id === chosen) ?? unpaid[0])?.id
  useEffect(() => { if (is && !shown.some(b => isActive(b) && b.id === chosen)) choose(is) })
  return [is, choose]
}

/**
 * Prices lists each section's price and free seats.
 * @param {{ event: Api.Event, hall: Hall, show: (section: import('../hall.js').Section) => void }} props
 */
function Prices({ event, hall, show }) {
  return html`<table class="prices"><thead><tr><th>${t('event.section')}</th><th>${t('event.price')}</th><th>${t('event.left')}</th></tr></thead>
    <tbody>${event.sections.map(s => {
      const section = hall.section(s.name)
      if (!section) return
      const known = section.blocks.every(b => b.left !== null), left = section.blocks.reduce((sum, b) => sum + (b.left ?? 0), 0)
      return html`<tr key=${s.name}>
        <th scope="row"><button type="button" class="plain" title=${t('event.show', { section: s.name })} onClick=${() => show(section)}>${s.name}</button></th>
        <td>${money(s.price)}</td>
        <td>${known ? html`<meter min="0" max=${section.count} value=${left} aria-label=${t('home.left', { n: number(left), all: number(section.count) })}></meter> ${number(left)}` : '–'}</td></tr>`
    })}</tbody></table>`
}
