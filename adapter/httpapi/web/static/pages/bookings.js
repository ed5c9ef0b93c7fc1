import { html, useEffect, useState } from '../vendor/htm-preact.js'
import { allPages, get } from '../api.js'
import { listed, money, number, shortly, t, when } from '../i18n.js'
import { useBookings } from '../mybookings.js'
import { Link, LiveBadge, LoadFailed, Loading, LogInPrompt, SeatList, useFetched, useTitle } from '../ui.js'
import { announcement, BookingCard } from './bookingcard.js'

/**
 * Bookings is a buyer's history.
 * @param {PageProps} props
 */
export function Bookings({ session }) {
  const buyer = session.user?.role === 'buyer'
  useTitle(t('app.bookings'))
  /** @type {() => Promise<Api.Booking[]>} */
  const load = async () => buyer ? allPages('/v1/bookings') : []
  const [found, error, again] = useFetched(load, 'bookings-' + buyer)
  if (!buyer) return html`<${LogInPrompt} title=${t('app.bookings')} text=${t('pick.login')} />`
  if (error) return html`<${LoadFailed} title=${t('app.bookings')} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${History} found=${found} />`
}

/**
 * useNames returns the names of events, as far as they are known.
 * @param {number[]} ids
 */
function useNames(ids) {
  const [names, set] = useState(/** @type {Record<number, string>} */ ({})), missing = ids.filter(id => !(id in names))
  useEffect(() => {
    if (!missing.length) return
    const name = (/** @type {number} */ id) => get('/v1/events/' + id).then(e => [id, e.name], () => [id, '–'])
    Promise.all(missing.map(name)).then(found => set(old => ({ ...old, ...Object.fromEntries(found) })))
  }, [missing.join()])
  return names
}

/** @param {{ found: Api.Booking[] }} props */
function History({ found }) {
  const [list, state, , told] = useBookings('/v1/bookings/stream', found), names = useNames([...new Set(list.map(b => b.event_id))])
  const columns = ['event', 'when', 'seats', 'total', 'state']
  return html`<div class="head"><h1>${t('app.bookings')}</h1><${LiveBadge} states=${[state]} /></div>
    ${told.truncated && html`<p class="note" role="status">${t('booking.truncated_history')}</p>`}
    ${list.length === 0 ? html`<p>${t('booking.none')}</p>` : html`<div class="scroll"><table class="stacked">
      <thead><tr>${columns.map(c => html`<th key=${c}>${t('booking.' + c)}</th>`)}<td></td></tr></thead>
      <tbody>${list.map(b => html`<tr key=${b.id}><td class="breaks" data-label=${t('booking.event')}>${names[b.event_id]}</td><td class="time" data-label=${t('booking.when')}>${shortly(b.created_at)}</td><td data-label=${t('booking.seats')}><div>${b.seats.length ? html`<${SeatList} seats=${b.seats} />` : '–'}</div></td><td class="amount" data-label=${t('booking.total')}>${money(b.total)}</td>
        <td data-label=${t('booking.state')}><span class=${'state state-' + b.status}>${t('booking.' + b.status)}</span></td>
        <td><${Link} to=${'/bookings/' + b.id} aria-label=${[t('booking.open'), names[b.event_id], listed(b.seats)].filter(Boolean).join(' ')}>${t('booking.open')}<//></td></tr>`)}</tbody>
    </table></div>`}`
}

/**
 * Truncated says that a stream left out older bookings, and leads to the history.
 * @param {{ shown: number }} props
 */
export const Truncated = ({ shown }) => html`<p class="note truncated" role="status">${t('booking.truncated', { n: number(shown) })} <${Link} to="/bookings">${t('booking.all')}<//></p>`

/**
 * BookingPage shows one booking with its tickets.
 * @param {PageProps} props
 */
export function BookingPage({ id, session }) {
  const buyer = session.user?.role === 'buyer'
  /** @type {() => Promise<{ booking: Api.Booking, event: Api.Event } | undefined>} */
  const load = async () => {
    if (!buyer) return
    const booking = await get('/v1/bookings/' + id)
    return { booking, event: await get('/v1/events/' + booking.event_id) }
  }
  const [found, error, again] = useFetched(load, id + buyer)
  useTitle(found ? t('booking.title') + ' · ' + found.event.name : error ? t('booking.title') : undefined)
  if (!session.user || !buyer) return html`<${LogInPrompt} title=${t('booking.title')} text=${t('pick.login')} />`
  if (error) return html`<${LoadFailed} title=${t('booking.title')} error=${error} again=${again} to="/bookings" home=${t('booking.all')} />`
  if (!found) return html`<${Loading} />`
  return html`<${BookingView} found=${found} holder=${session.user.name} />`
}

/** @param {{ found: { booking: Api.Booking, event: Api.Event }, holder: string }} props */
function BookingView({ found, holder }) {
  const e = found.event, [list, state, take] = useBookings('/v1/bookings/stream?event_id=' + e.id, [found.booking])
  const b = list.find(x => x.id === found.booking.id) || found.booking
  return html`<div class="head"><div><h1>${e.name}</h1><p>${e.venue_name} · ${when(e.starts_at, e.time_zone)}</p></div><${LiveBadge} states=${[state]} /></div>
    <p class="sr" role="status">${b.revision > found.booking.revision && announcement(b)}</p>
    <${BookingCard} booking=${b} take=${take} />
    ${b.status === 'paid' && html`<h2>${t('tickets.title')}</h2><ul class="tickets">${b.tickets.map(ticket => html`<${Ticket} key=${ticket.ticket_id} booking=${b} ticket=${ticket} event=${e} holder=${holder} />`)}</ul>`}
    <p><${Link} to=${'/events/' + e.id}>${t('booking.event_of')}<//></p>`
}

/**
 * Ticket is what is shown at the entrance. Its QR code is signed.
 * @param {{ booking: Api.Booking, ticket: Api.BookedTicket, event: Api.Event, holder: string }} props
 */
function Ticket({ booking, ticket, event, holder }) {
  const [section, subsection, row, seat] = ticket.seat_id.split('-')
  /** @type {(name: string, value: string) => unknown} */
  const part = (name, value) => html`<div><dt>${t(name)}</dt><dd>${value}</dd></div>`
  return html`<li>
    <img src=${`/v1/bookings/${booking.id}/tickets/${ticket.seat_id}.svg`} alt=${t('tickets.code', { seat: ticket.seat_id })} width="176" height="176" />
    <div><h3>${event.name}</h3><p>${event.venue_name}<br />${when(event.starts_at, event.time_zone)}</p>
      <dl>${part('event.section', section)}${part('event.subsection', subsection)}${part('tickets.row', row)}${part('tickets.seat', seat)}</dl>
      <p>${holder} · ${money(ticket.price)}</p></div>
  </li>`
}
