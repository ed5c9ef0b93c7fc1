import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { call, get, post } from '../api.js'
import { iso4217, lang, money, number, t, when } from '../i18n.js'
import { follow } from '../live.js'
import { SeatMap } from '../map.js'
import { Failed, Field, Live, Loading, LogIn, useAsked, useBusy, useTitle, values } from '../ui.js'
import { useLiveHall } from './event.js'
import { OverTime } from './overtime.js'
import { Tickets } from './holders.js'

export function Desk({ id, session }) {
  const [found, error, again] = useAsked(() => Promise.all([get('/v1/events/' + id), get(`/v1/events/${id}/layout`), get(`/v1/events/${id}/sales`)]), id)
  useTitle(found && t('desk.title') + ' · ' + found[0].name)
  if (session.user?.role !== 'seller') return html`<${LogIn} title=${t('desk.title')} text=${t('sell.only')} />`
  if (error) return html`<${Failed} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${Open} found=${found} />`
}

function Open({ found }) {
  const [event, setEvent] = useState(found[0]), [sales, setSales] = useState(found[2]), [state, setState] = useState(), [holder, setHolder] = useState('')
  const view = useRef(), rate = useRate(sales.bookings), [busy, error, run] = useBusy()
  const [hall] = useLiveHall(event, found[1], view)
  useEffect(() => follow(`/v1/events/${event.id}/sales/stream`, (_, data) => setSales(data), setState), [event.id])
  const close = () => { if (confirm(t('desk.sure'))) run(async () => setEvent(await post(`/v1/events/${event.id}/closure`))) }
  const who = seat => run(async () => {
    const path = `/v1/events/${event.id}/tickets?section=${encodeURIComponent(seat.block.section.name)}&subsection=${seat.block.number}&limit=200`
    for (let cursor = ''; cursor !== null;) {
      const page = await get(path + (cursor && '&cursor=' + encodeURIComponent(cursor)))
      const ticket = page.items.find(x => x.seat_id === seat.id)
      if (ticket) {
        return setHolder(t(ticket.holder ? 'desk.holder' : 'desk.nobody', { seat: seat.id, state: t('seat.' + ticket.status), name: ticket.holder?.name || '', email: ticket.holder?.email || '' }))
      }
      cursor = page.next_cursor
    }
  })
  const figure = (name, value) => html`<div class="figure"><dt>${t('desk.' + name)}</dt><dd data-figure=${name}>${value}</dd></div>`
  return html`<div class="head"><div><h1>${event.name}</h1><p>${event.venue_name} · ${when(event.starts_at, event.time_zone)} · ${t('sell.' + event.status)}</p></div><${Live} state=${state} /></div>
    <dl class="figures">${figure('sold', number(sales.sold))}${figure('held', number(sales.reserved))}${figure('free', number(sales.available))}${figure('revenue', money(sales.revenue))}${figure('bookings', number(sales.bookings))}${figure('rate', number(rate))}</dl>
    <div class="sale"><div class="hall">
      <${SeatMap} hall=${hall} picked=${new Set()} onSeat=${who} view=${v => { view.current = v }} />
      <p class="note" role="status">${holder || t('desk.who')}</p>
    </div><aside>
      <div class="box"><h2>${t('desk.time')}</h2><${OverTime} key=${lang()} intervals=${sales.over_time} /></div>
      <div class="box"><h2>${t('desk.edit')}</h2><${Edit} event=${event} changed=${setEvent} />
        ${event.status === 'on_sale' && html`<button type="button" class="danger" disabled=${busy} onClick=${close}>${t('desk.close')}</button>`}
        ${error && html`<${Failed} error=${error} />`}
      </div>
    </aside></div>
    <h2>${t('desk.sections')}</h2>
    <div class="scroll"><table><thead><tr><th>${t('event.section')}</th><th>${t('event.price')}</th><th>${t('desk.sold')}</th><th>${t('desk.held')}</th><th>${t('desk.free')}</th><th>${t('desk.revenue')}</th><td></td></tr></thead>
      <tbody>${sales.sections.map(s => html`<tr key=${s.section}><th scope="row">${s.section}</th><td><${Price} event=${event} name=${s.section} changed=${setEvent} /></td><td>${number(s.sold)}</td><td>${number(s.reserved)}</td><td>${number(s.available)}</td><td>${money(s.revenue)}</td><td class="share"><${Share} of=${s} /></td></tr>`)}</tbody></table></div>
    <${Tickets} event=${event} />`
}

// Share draws sold, held and free of a section beside each other.
function Share({ of: s }) {
  const all = s.sold + s.reserved + s.available || 1, held = 100 * s.sold / all
  return html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="is-free" width="100" height="8" /><rect class="is-reserved" x=${held} width=${100 * s.reserved / all} height="8" /><rect class="is-mine" width=${held} height="8" /></svg>`
}

// useRate is how much a count grew in a second, over the last ten.
function useRate(count) {
  const seen = useRef([]), [, redraw] = useState(0)
  useEffect(() => { // it falls when nothing happens, too
    const timer = setInterval(() => redraw(n => n + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  const now = Date.now()
  seen.current.push([now, count])
  while (now - seen.current[0][0] > 10000 && seen.current.length > 1) seen.current.shift()
  const [at, before] = seen.current[0], rate = (count - before) / Math.max(1, (now - at) / 1000)
  return rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate)
}

function Price({ event, name, changed }) {
  const section = event.sections.find(s => s.name === name), digits = 10 ** iso4217(section.price.currency), [busy, error, run] = useBusy()
  const save = e => {
    e.preventDefault()
    const price = Math.round(Number(values(e.target).price) * digits)
    run(async () => changed(await call('PUT', `/v1/events/${event.id}/sections/${encodeURIComponent(name)}/price`, { price })))
  }
  return html`<form class="inline" onSubmit=${save}><input name="price" aria-label=${t('event.price') + ' ' + name} type="number" min="0" step="any" defaultValue=${section.price.amount / digits} /> ${section.price.currency} <button disabled=${busy} aria-label=${t('desk.price') + ' ' + name}>${t('desk.price')}</button>${error && html`<${Failed} error=${error} />`}</form>`
}

function Edit({ event, changed }) {
  const [busy, error, run] = useBusy(), [saved, setSaved] = useState(false)
  const save = e => {
    e.preventDefault()
    const v = values(e.target)
    run(async () => { changed(await call('PATCH', '/v1/events/' + event.id, v)); setSaved(true) })
  }
  return html`<form onSubmit=${save} onInput=${() => setSaved(false)}>
    <${Field} name="name" label=${t('new.name')} maxlength="128" defaultValue=${event.name} required /><${Field} name="venue_name" label=${t('new.venue')} maxlength="128" defaultValue=${event.venue_name} required />
    <button disabled=${busy}>${t('desk.save')}</button> <span role="status">${saved && t('desk.saved')}</span>${error && html`<${Failed} error=${error} />`}</form>`
}
