import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { call, get, post, whoIs } from '../api.js'
import { Blocks, SeatGrid } from '../grid.js'
import { iso4217, lang, money, number, said, t, when } from '../i18n.js'
import { follow } from '../live.js'
import { useHall, useLive } from '../livehall.js'
import { SeatMap } from '../map.js'
import { Failed, Field, Live, Loading, LogIn, Note, useAsked, useBusy, useTitle, values } from '../ui.js'
import { OverTime } from './overtime.js'
import { Tickets } from './holders.js'

const nothing = new Set()

export function Desk({ id, session }) {
  const seller = session.user?.role === 'seller'
  const [found, error, again] = useAsked(() => seller ? Promise.all([get('/v1/events/' + id), get(`/v1/events/${id}/layout`), get(`/v1/events/${id}/sales`)]) : Promise.resolve(), id + seller)
  useTitle(found && t('desk.title') + ' · ' + found[0].name)
  if (!seller) return html`<${LogIn} title=${t('desk.title')} text=${t('sell.only')} />`
  if (error) return html`<${Failed} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${Open} found=${found} />`
}

function Open({ found }) {
  const [event, setEvent] = useState(found[0]), [sales, setSales] = useState(found[2]), [state, setState] = useState(), [block, setBlock] = useState()
  const view = useRef(), [rate, beginRate] = useRate(sales.bookings), [busy, error, run] = useBusy(), holder = useHolder(event)
  const hall = useHall(found[1]), seats = useLive(event, hall, view)
  useEffect(() => follow(`/v1/events/${event.id}/sales/stream`, (kind, data) => {
    if (kind === 'snapshot') beginRate()
    setSales(data)
  }, setState, whoIs), [event.id])
  const open = b => { setBlock(b); if (b) view.current?.fit(b, 2) }
  const close = () => { if (confirm(t('desk.sure'))) run(async () => setEvent(await post(`/v1/events/${event.id}/closure`))) }
  const figure = (name, value) => html`<div class="figure"><dt>${t('desk.' + name)}</dt><dd data-figure=${name}>${value}</dd></div>`
  return html`<div class="head"><div><h1>${event.name}</h1><p>${event.venue_name} · ${when(event.starts_at, event.time_zone)} · ${t('sell.' + event.status)}</p></div><${Live} states=${[state, seats]} /></div>
    <dl class="figures">
      ${figure('sold', number(sales.sold))}${figure('held', number(sales.reserved))}${figure('free', number(sales.available))}
      ${figure('revenue', money(sales.revenue))}${figure('bookings', number(sales.bookings))}${figure('rate', number(rate))}
    </dl>
    <div class="sale"><div class="hall">
      <${SeatMap} hall=${hall} picked=${nothing} onSeat=${holder.look} onBlock=${setBlock} view=${v => { view.current = v }} />
      <${Note} of=${holder.text} />
    </div><aside>
      <div class="box"><h2>${t('desk.time')}</h2><${OverTime} key=${lang()} intervals=${sales.over_time} currency=${event.currency} /></div>
      <div class="box"><h2>${t('desk.edit')}</h2><${Edit} event=${event} changed=${setEvent} />
        ${event.status === 'on_sale' && html`<button type="button" class="danger" disabled=${busy} onClick=${close}>${t('desk.close')}</button>`}
        ${error && html`<${Failed} error=${error} />`}
      </div>
    </aside><div class="below">
      <${Blocks} hall=${hall} block=${block} choose=${open} />
      ${block && html`<${SeatGrid} key=${block.name} hall=${hall} block=${block} onSeat=${holder.look} can=${() => true} />`}
    </div></div>
    <h2>${t('desk.sections')}</h2>
    <${Sections} event=${event} sales=${sales} changed=${setEvent} />
    <${Tickets} event=${event} />`
}

// useHolder looks up who has a seat: { look, text }.
function useHolder(event) {
  const [is, set] = useState({}), turn = useRef(0)
  const look = async seat => {
    const mine = ++turn.current
    const answer = found => { if (mine === turn.current) set(found) } // else another seat was asked for meanwhile
    answer({ busy: true })
    const path = `/v1/events/${event.id}/tickets?section=${encodeURIComponent(seat.block.section.name)}&subsection=${seat.block.number}&limit=200`
    try {
      for (let cursor = ''; cursor !== null && mine === turn.current;) {
        const page = await get(path + (cursor && '&cursor=' + encodeURIComponent(cursor)))
        const ticket = page.items.find(x => x.seat_id === seat.id)
        if (ticket) return answer({ ticket })
        cursor = page.next_cursor
      }
    } catch (error) {
      answer({ error })
    }
  }
  const text = () => {
    if (is.busy) return t('desk.busy')
    if (is.error) return said(is.error)
    if (!is.ticket) return t('desk.who')
    const { seat_id: seat, status, holder } = is.ticket
    return t(holder ? 'desk.holder' : 'desk.nobody', { seat, state: t('seat.' + status), name: holder?.name, email: holder?.email })
  }
  return { look, text }
}

function Sections({ event, sales, changed }) {
  const columns = ['event.section', 'event.price', 'desk.sold', 'desk.held', 'desk.free', 'desk.revenue']
  return html`<div class="scroll"><table><thead><tr>${columns.map(c => html`<th key=${c}>${t(c)}</th>`)}<td></td></tr></thead>
    <tbody>${sales.sections.map(s => html`<tr key=${s.section}>
      <th scope="row">${s.section}</th>
      <td><${Price} event=${event} name=${s.section} changed=${changed} /></td>
      <td>${number(s.sold)}</td><td>${number(s.reserved)}</td><td>${number(s.available)}</td><td>${money(s.revenue)}</td>
      <td class="share"><${Share} of=${s} /></td></tr>`)}</tbody></table></div>`
}

// Share draws sold, held and free of a section beside each other.
function Share({ of: s }) {
  const all = s.sold + s.reserved + s.available || 1, held = 100 * s.sold / all
  return html`<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="is-free" width="100" height="8" /><rect class="is-reserved" x=${held} width=${100 * s.reserved / all} height="8" /><rect class="is-mine" width=${held} height="8" /></svg>`
}

// useRate is how much a count grew in a second, over the last ten: [rate, begin].
// It begins anew with a snapshot: what came while the stream was away is no rate.
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
  return [rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate), () => { seen.current = [] }]
}

// Price is that of a section; a closed event's stays.
function Price({ event, name, changed }) {
  const { price } = event.sections.find(s => s.name === name), digits = 10 ** iso4217(price.currency), [busy, error, run] = useBusy(), [saved, setSaved] = useState(false)
  if (event.status === 'closed') return money(price)
  const save = e => {
    e.preventDefault()
    const wish = { price: Math.round(Number(values(e.target).price) * digits) }
    run(async () => { changed(await call('PUT', `/v1/events/${event.id}/sections/${encodeURIComponent(name)}/price`, wish)); setSaved(true) })
  }
  return html`<form class="inline" onSubmit=${save} onInput=${() => setSaved(false)}>
    <input name="price" aria-label=${t('event.price') + ' ' + name} type="number" min=${1 / digits} step=${1 / digits} required defaultValue=${price.amount / digits} /> ${price.currency}
    <button disabled=${busy} aria-label=${t('desk.price') + ' ' + name}>${t('desk.price')}</button> <span role="status">${saved && t('desk.saved')}</span>
    ${error && html`<${Failed} error=${error} />`}</form>`
}

// Edit changes what is said of an event.
function Edit({ event, changed }) {
  const [busy, error, run] = useBusy(), [saved, setSaved] = useState(false)
  const save = e => {
    e.preventDefault()
    const v = values(e.target)
    run(async () => { changed(await call('PATCH', '/v1/events/' + event.id, v)); setSaved(true) })
  }
  return html`<form onSubmit=${save} onInput=${() => setSaved(false)}>
    <${Field} name="name" label=${t('new.name')} maxlength="128" defaultValue=${event.name} required />
    <${Field} name="venue_name" label=${t('new.venue')} maxlength="128" defaultValue=${event.venue_name} required />
    <label class="field"><span>${t('new.description')}</span><textarea name="description" rows="3" defaultValue=${event.description}></textarea></label>
    <button disabled=${busy}>${t('desk.save')}</button> <span role="status">${saved && t('desk.saved')}</span>
    ${error && html`<${Failed} error=${error} />`}</form>`
}
