import { html, useEffect, useState } from '../vendor/htm-preact.js'
import { all, get } from '../api.js'
import { money, shortly, t, when } from '../i18n.js'
import { follow } from '../live.js'
import { Failed, Link, Live, Loading, LogIn, useAsked, useTitle } from '../ui.js'
import { Outcome } from './outcome.js'

// useChanges keeps bookings as they become.
function useChanges(found) {
  const [changed, set] = useState({}), [state, setState] = useState()
  useEffect(() => follow('/v1/bookings/stream', (kind, data) => {
    const list = kind === 'snapshot' ? data.bookings : [data]
    set(old => ({ ...old, ...Object.fromEntries(list.map(b => [b.id, b])) }))
  }, setState), [])
  const latest = b => changed[b.id]?.revision >= b.revision ? changed[b.id] : b
  return [found.map(latest), state]
}

export function Bookings({ session }) {
  useTitle(t('app.bookings'))
  const [found, error, again] = useAsked(async () => {
    const list = await all('/v1/bookings')
    const events = await Promise.all([...new Set(list.map(b => b.event_id))].map(id => get('/v1/events/' + id)))
    return { list, names: Object.fromEntries(events.map(e => [e.id, e.name])) }
  }, 'bookings')
  if (!session.user) return html`<${LogIn} title=${t('app.bookings')} text=${t('pick.login')} />`
  if (error) return html`<${Failed} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${History} found=${found} />`
}

function History({ found }) {
  const [list, state] = useChanges(found.list)
  return html`<div class="head"><h1>${t('app.bookings')}</h1><${Live} state=${state} /></div>
    ${list.length === 0 ? html`<p>${t('booking.none')}</p>` : html`<div class="scroll"><table>
      <thead><tr><th>${t('booking.event')}</th><th>${t('booking.when')}</th><th>${t('booking.seats')}</th><th>${t('booking.total')}</th><th>${t('booking.state')}</th><td></td></tr></thead>
      <tbody>${list.map(b => html`<tr key=${b.id}><td>${found.names[b.event_id]}</td><td>${shortly(b.created_at)}</td><td>${b.seats.join(', ') || '–'}</td><td>${money(b.total)}</td>
        <td><span class=${'state state-' + b.status}>${t('booking.' + b.status)}</span></td><td><${Link} to=${'/bookings/' + b.id} aria-label=${t('booking.open') + ' ' + found.names[b.event_id] + ' ' + b.seats.join(', ')}>${t('booking.open')}<//></td></tr>`)}</tbody>
    </table></div>`}`
}

export function Booking({ id, session }) {
  const [found, error, again] = useAsked(async () => {
    const booking = await get('/v1/bookings/' + id)
    return { booking, event: await get('/v1/events/' + booking.event_id) }
  }, id)
  useTitle(found && t('booking.title') + ' · ' + found.event.name)
  if (!session.user) return html`<${LogIn} title=${t('booking.title')} text=${t('pick.login')} />`
  if (error) return html`<${Failed} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${One} found=${found} holder=${session.user.name} />`
}

function One({ found, holder }) {
  const [[b], state] = useChanges([found.booking]), e = found.event
  return html`<div class="head"><div><h1>${e.name}</h1><p>${e.venue_name} · ${when(e.starts_at, e.time_zone)}</p></div><${Live} state=${state} /></div>
    <${Outcome} booking=${b} />
    ${b.status === 'paid' && html`<h2>${t('tickets.title')}</h2><ul class="tickets">${b.tickets.map(ticket => html`<${Ticket} key=${ticket.ticket_id} booking=${b} ticket=${ticket} event=${e} holder=${holder} />`)}</ul>`}
    <p><${Link} to=${'/events/' + e.id}>${t('booking.event_of')}<//></p>`
}

// Ticket is what is shown at the door; the code on it is signed.
function Ticket({ booking, ticket, event, holder }) {
  const [section, subsection, row, seat] = ticket.seat_id.split('-')
  const part = (name, value) => html`<div><dt>${t(name)}</dt><dd>${value}</dd></div>`
  return html`<li>
    <img src=${`/v1/bookings/${booking.id}/tickets/${ticket.seat_id}.svg`} alt=${t('tickets.code', { seat: ticket.seat_id })} width="176" height="176" />
    <div><h3>${event.name}</h3><p>${event.venue_name}<br />${when(event.starts_at, event.time_zone)}</p>
      <dl>${part('event.section', section)}${part('event.subsection', subsection)}${part('tickets.row', row)}${part('tickets.seat', seat)}</dl>
      <p>${holder} · ${money(ticket.price)}</p></div>
  </li>`
}
