import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { call, get, post } from '../api.js'
import { iso4217, money, number, t, when } from '../i18n.js'
import { follow } from '../live.js'
import { SeatMap } from '../map.js'
import { Failed, Field, Live, Loading, useAsked, useBusy, values } from '../ui.js'
import uPlot from '../vendor/uplot.js'
import { useLiveHall } from './event.js'

export function Desk({ id }) {
  const [found, error, again] = useAsked(() => Promise.all([get('/v1/events/' + id), get(`/v1/events/${id}/layout`), get(`/v1/events/${id}/sales`)]), id)
  if (error) return html`<${Failed} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${Open} found=${found} />`
}

function Open({ found }) {
  const [event, setEvent] = useState(found[0]), [sales, setSales] = useState(found[2]), [state, setState] = useState(), [holder, setHolder] = useState('')
  const view = useRef(), rate = useRate(sales), [busy, error, run] = useBusy()
  const [hall] = useLiveHall(event, found[1], view)
  useEffect(() => follow(`/v1/events/${event.id}/sales/stream`, (_, data) => setSales(data), setState), [event.id])
  const close = () => { if (confirm(t('desk.sure'))) run(async () => setEvent(await post(`/v1/events/${event.id}/closure`))) }
  const who = seat => run(async () => {
    const path = `/v1/events/${event.id}/tickets?section=${encodeURIComponent(seat.block.section.name)}&subsection=${seat.block.number}&limit=200`
    for (let cursor = ''; ;) {
      const page = await get(path + (cursor && '&cursor=' + encodeURIComponent(cursor)))
      const ticket = page.items.find(x => x.seat_id === seat.id)
      if (ticket) {
        return setHolder(t(ticket.holder ? 'desk.holder' : 'desk.nobody', { seat: seat.id, state: t('seat.' + ticket.status), name: ticket.holder?.name || '', email: ticket.holder?.email || '' }))
      }
      if (!page.next_cursor) return
      cursor = page.next_cursor
    }
  })
  const figure = (name, value) => html`<div class="figure"><dt>${t('desk.' + name)}</dt><dd data-figure=${name}>${value}</dd></div>`
  return html`<div class="head"><div><h1>${event.name}</h1><p>${event.venue_name} · ${when(event.starts_at, event.time_zone)} · ${t('sell.' + event.status)}</p></div><${Live} state=${state} /></div>
    <dl class="figures">${figure('sold', number(sales.sold))}${figure('held', number(sales.reserved))}${figure('free', number(sales.available))}${figure('revenue', money(sales.revenue))}${figure('rate', rate)}</dl>
    <div class="sale"><div class="hall">
      <${SeatMap} hall=${hall} picked=${new Set()} onSeat=${who} view=${v => { view.current = v }} />
      <p class="note" role="status">${holder || t('desk.who')}</p>
    </div><aside>
      <div class="box"><h2>${t('desk.time')}</h2><${OverTime} sales=${sales} /></div>
      <div class="box"><h2>${t('desk.edit')}</h2><${Edit} event=${event} changed=${setEvent} />
        <p><a class="button" href=${`/v1/events/${event.id}/tickets.csv`}>${t('desk.csv')}</a></p>
        ${event.status === 'on_sale' && html`<button type="button" disabled=${busy} onClick=${close}>${t('desk.close')}</button>`}
        ${error && html`<${Failed} error=${error} />`}
      </div>
    </aside></div>
    <h2>${t('desk.sections')}</h2>
    <div class="scroll"><table><thead><tr><th>${t('new.section')}</th><th>${t('event.price')}</th><th>${t('desk.sold')}</th><th>${t('desk.held')}</th><th>${t('desk.free')}</th><th>${t('desk.revenue')}</th></tr></thead>
      <tbody>${sales.sections.map(s => html`<tr key=${s.section}><th>${s.section}</th><td><${Price} event=${event} name=${s.section} changed=${setEvent} /></td><td>${number(s.sold)}</td><td>${number(s.reserved)}</td><td>${number(s.available)}</td><td>${money(s.revenue)}</td></tr>`)}</tbody></table></div>`
}

// useRate is how many seats a second were taken, over the last ten seconds.
function useRate(sales) {
  const seen = useRef([]), now = Date.now()
  seen.current.push([now, sales.sold + sales.reserved])
  seen.current = seen.current.filter(([at]) => now - at < 10000)
  const [at, taken] = seen.current[0]
  return number(Math.max(0, Math.round((sales.sold + sales.reserved - taken) / Math.max(1, (now - at) / 1000))))
}

// OverTime draws what was sold, added up.
function OverTime({ sales }) {
  const box = useRef(), plot = useRef()
  const data = [[], []]
  let sum = 0
  for (const i of sales.over_time) { data[0].push(new Date(i.at) / 1000); data[1].push(sum += i.sold) }
  if (data[0].length === 1) { data[0].unshift(data[0][0] - 60); data[1].unshift(0) }
  useEffect(() => {
    const colour = getComputedStyle(box.current).color
    const axis = { stroke: colour, grid: { stroke: colour, width: 0.15 } }
    plot.current = new uPlot({ width: box.current.clientWidth || 300, height: 200, legend: { show: false }, padding: [8, 28, 0, 20], axes: [axis, axis],
      series: [{}, { stroke: getComputedStyle(box.current).getPropertyValue('--mine'), width: 2, fill: 'rgba(80, 130, 220, .15)' }] }, data, box.current)
    return () => plot.current.destroy()
  }, [])
  useEffect(() => plot.current?.setData(data), [sales])
  return html`<div class="chart" ref=${box} role="img" aria-label=${t('desk.time')}></div>`
}

function Price({ event, name, changed }) {
  const section = event.sections.find(s => s.name === name), digits = 10 ** iso4217(section.price.currency), [busy, error, run] = useBusy()
  const save = e => {
    e.preventDefault()
    const price = Math.round(Number(values(e.target).price) * digits)
    run(async () => changed(await call('PUT', `/v1/events/${event.id}/sections/${encodeURIComponent(name)}/price`, { price })))
  }
  return html`<form class="inline" onSubmit=${save}><input name="price" aria-label=${t('event.price') + ' ' + name} type="number" min="0" step="any" value=${section.price.amount / digits} /> ${section.price.currency} <button disabled=${busy}>${t('desk.price')}</button>${error && html`<${Failed} error=${error} />`}</form>`
}

function Edit({ event, changed }) {
  const [busy, error, run] = useBusy(), [saved, setSaved] = useState(false)
  const save = e => {
    e.preventDefault()
    const v = values(e.target)
    run(async () => { changed(await call('PATCH', '/v1/events/' + event.id, v)); setSaved(true) })
  }
  return html`<form onSubmit=${save} onInput=${() => setSaved(false)}>
    <${Field} name="name" label=${t('new.name')} maxlength="128" value=${event.name} required /><${Field} name="venue_name" label=${t('new.venue')} maxlength="128" value=${event.venue_name} required />
    <button disabled=${busy}>${t('desk.save')}</button> <span role="status">${saved && t('desk.saved')}</span>${error && html`<${Failed} error=${error} />`}</form>`
}
