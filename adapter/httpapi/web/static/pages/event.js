import { html, useEffect, useMemo, useRef, useState } from '../vendor/htm-preact.js'
import { get, post } from '../api.js'
import { SeatGrid } from '../grid.js'
import { AVAILABLE, Hall } from '../hall.js'
import { money, number, t, when } from '../i18n.js'
import { follow } from '../live.js'
import { SeatMap } from '../map.js'
import { Failed, Field, Live, Loading, LogIn, stored, useAsked, useBusy, useTitle, values } from '../ui.js'
import { Outcome, remember } from './outcome.js'

const FRESH = 60000 // ms, about, after which prices are asked for again

export function Event({ id, session }) {
  const [found, error, again] = useAsked(() => Promise.all([get('/v1/events/' + id), get(`/v1/events/${id}/layout`)]), id)
  useTitle(found?.[0].name)
  if (error) return html`<${Failed} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${Sale} found=${found[0]} layout=${found[1]} session=${session} />`
}

// useLiveHall follows the live map into a hall: [hall, state of the stream]. told
// hears of seats that changed.
export function useLiveHall(event, layout, view, told) {
  const hall = useMemo(() => new Hall(layout, innerWidth < 900 ? 0.9 : 1.8), [layout])
  const [state, setState] = useState(), [, redraw] = useState(0), later = useRef()
  const heard = useRef()
  heard.current = told
  useEffect(() => {
    let end, timer
    // The page itself follows four times a second; the canvas every frame.
    const soon = () => { later.current ||= setTimeout(() => { later.current = 0; redraw(n => n + 1) }, 250) }
    const open = () => follow(`/v1/events/${event.id}/seats/stream?format=bits`, (kind, data) => {
      if (kind === 'snapshot') {
        // An event that was opened a moment ago may not have all its sections.
        if (!hall.snapshot(data)) timer = setTimeout(() => { end(); end = open() }, 500)
        view.current?.changed()
        heard.current?.()
      } else {
        const changed = hall.change(data)
        view.current?.changed(changed)
        heard.current?.(changed)
      }
      soon()
    }, setState)
    end = open()
    return () => { clearTimeout(timer); clearTimeout(later.current); later.current = 0; end() }
  }, [hall])
  useEffect(() => { // the map shows prices
    for (const s of event.sections) hall.sections.find(h => h.name === s.name).price = s.price
    view.current?.ask()
  }, [event, hall])
  return [hall, state]
}

// useFresh keeps an event as it is: [event, look]. Its seller may change prices
// and close it; looked at is the event when somebody comes back to the page, and
// the layout, which is cheap to ask for, now and then.
function useFresh(found) {
  const [event, set] = useState(found), path = '/v1/events/' + found.id
  const look = () => get(path).then(set, () => {})
  useEffect(() => {
    const seen = () => { if (!document.hidden) look() }
    const prices = () => { if (!document.hidden) get(path + '/layout').then(l => set(e => ({ ...e, sections: e.sections.map((s, i) => ({ ...s, price: l.sections[i].price })) })), () => {}) }
    const timer = setInterval(prices, FRESH * (0.5 + Math.random()))
    document.addEventListener('visibilitychange', seen)
    return () => { clearInterval(timer); document.removeEventListener('visibilitychange', seen) }
  }, [found.id])
  return [event, look]
}

function Sale({ found, layout, session }) {
  const [event, look] = useFresh(found), picks = stored('picked-' + event.id), begun = useRef(false)
  const view = useRef(), picked = useRef(new Set()), [, redraw] = useState(0), [note, setNote] = useState('')
  const [block, setBlock] = useState(), [mode, setMode] = useState('best'), [bookings, setBookings] = useState([])
  const draw = () => { picks.set([...picked.current].map(i => hall.seat(i).id)); redraw(n => n + 1) }
  const [hall, state] = useLiveHall(event, layout, view, changed => {
    if (!changed && !begun.current) {
      begun.current = true
      const seats = (picks.get() || []).map(s => hall.find(s)).filter(i => i >= 0)
      if (seats.length) {
        for (const i of seats) picked.current.add(i)
        setMode('hand')
        open(hall.blockOf(seats[0]))
      }
    }
    drop()
  })
  const asked = useRef(new Set()) // picks on their way: whoever holds them now, the answer will say
  const drop = () => {
    for (const i of picked.current) {
      if (hall.status[i] !== AVAILABLE && !asked.current.has(i)) {
        picked.current.delete(i)
        view.current?.changed([i])
        draw()
        if (!hall.mine.has(i)) setNote(t('pick.taken', { seat: hall.seat(i).id }))
      }
    }
  }
  const asking = async f => {
    asked.current = new Set(picked.current)
    try {
      await f()
    } finally {
      asked.current.clear()
      drop()
    }
  }
  const buyer = session.user?.role === 'buyer'
  useEffect(() => buyer ? follow('/v1/bookings/stream?event_id=' + event.id, (kind, data) => {
    setBookings(old => kind === 'snapshot' ? data.bookings : [data, ...old.filter(b => b.id !== data.id)])
  }, () => {}) : setBookings([]), [buyer])
  useEffect(() => { // seats of one's own
    const before = hall.mine
    hall.mine = new Set(bookings.filter(b => b.status === 'paid' || b.status === 'pending_payment').flatMap(b => b.seats.map(s => hall.find(s))).filter(i => i >= 0))
    view.current?.changed([...new Set([...before, ...hall.mine])])
    redraw(n => n + 1)
  }, [bookings])

  const open = b => { setBlock(b); if (b) view.current?.fit(b, 2) }
  const toggle = seat => {
    setNote('')
    setMode('hand')
    setBlock(seat.block)
    if (picked.current.delete(seat.index)) { /* let go */ }
    else if (hall.status[seat.index] !== AVAILABLE) return
    else {
      const others = [...picked.current].filter(i => hall.blockOf(i) !== seat.block)
      if (others.length) {
        picked.current.clear()
        view.current?.changed(others)
        setNote(t('pick.block'))
      }
      if (picked.current.size >= event.max_tickets_per_booking) return setNote(t('pick.max', { n: event.max_tickets_per_booking }))
      picked.current.add(seat.index)
    }
    view.current?.changed([seat.index])
    draw()
  }
  const clear = () => { const all = [...picked.current]; picked.current.clear(); view.current?.changed(all); draw() }
  const now = bookings.filter(b => b.status === 'processing' || b.status === 'pending_payment')
  const last = bookings.find(b => !now.includes(b))
  return html`
    <div class="head"><div><h1>${event.name}</h1><p>${event.venue_name} · ${when(event.starts_at, event.time_zone)} · ${t('event.by', { seller: event.seller.name })}</p></div><${Live} state=${state} /></div>
    ${event.description && html`<p class="description">${event.description}</p>`}
    ${event.status === 'closed' && html`<p class="box" role="status">${t('event.closed')}</p>`}
    <div class="sale">
      <div class="hall">
        <${SeatMap} hall=${hall} picked=${picked.current} onSeat=${toggle} onBlock=${setBlock} states=${['available', 'reserved', 'sold', 'picked', 'mine']} view=${v => { view.current = v }} />
        <${Blocks} hall=${hall} block=${block} choose=${open} />
        ${block && html`<${SeatGrid} key=${block.name} hall=${hall} block=${block} picked=${picked.current} onSeat=${toggle} />`}
      </div>
      <aside>
        ${now.map(b => html`<${Outcome} key=${b.id} booking=${b} hall=${hall} pick=${toggle} />`)}
        ${!now.length && last && html`<${Outcome} key=${last.id} booking=${last} hall=${hall} pick=${toggle} />`}
        ${event.status === 'on_sale' && html`<${Wish} event=${event} hall=${hall} picked=${picked.current} mode=${mode} setMode=${setMode} clear=${clear} buyer=${buyer} note=${note} look=${look} asking=${asking} />`}
        <${Prices} event=${event} hall=${hall} show=${s => view.current?.fit(s, 2)} />
      </aside>
    </div>`
}

// Blocks chooses a subsection without the map.
function Blocks({ hall, block, choose }) {
  return html`<label class="field blocks"><span>${t('grid.open')}</span>
    <select value=${block?.name || ''} onChange=${e => choose(hall.blocks.find(b => b.name === e.target.value))}>
      <option value="">–</option>
      ${hall.sections.map(s => html`<optgroup key=${s.name} label=${s.name}>${s.blocks.map(b => html`<option key=${b.name} value=${b.name}>${b.name} (${number(b.left)})</option>`)}</optgroup>`)}
    </select></label>`
}

// Prices are what each section costs, and what is left of it.
function Prices({ event, hall, show }) {
  return html`<table class="prices"><thead><tr><th>${t('event.section')}</th><th>${t('event.price')}</th><th>${t('event.left')}</th></tr></thead>
    <tbody>${event.sections.map(s => {
      const section = hall.sections.find(h => h.name === s.name), left = section.blocks.reduce((sum, b) => sum + b.left, 0)
      return html`<tr key=${s.name}><th scope="row"><button type="button" class="plain" title=${t('event.show', { section: s.name })} onClick=${() => show(section)}>${s.name}</button></th><td>${money(s.price)}</td>
        <td><meter min="0" max=${section.count} value=${left} aria-label=${t('home.left', { n: number(left), all: number(section.count) })}></meter> ${number(left)}</td></tr>`
    })}</tbody></table>`
}

// Wish asks for seats: the best, or those that were picked.
function Wish({ event, hall, picked, mode, setMode, clear, buyer, note, look, asking }) {
  const [section, setSection] = useState(event.sections[0].name), [busy, error, run] = useBusy(), key = useRef()
  const seats = [...picked].map(i => hall.seat(i)), price = (name, n) => {
    const p = event.sections.find(s => s.name === name).price
    return money({ ...p, amount: p.amount * n })
  }
  useEffect(() => { if (error?.code === 'event_closed') look() }, [error])
  const book = wish => run(() => asking(async () => {
    // One key for one wish: what is sent twice, after a lost answer, is one booking.
    const text = JSON.stringify(wish)
    if (key.current?.text !== text) key.current = { text, key: crypto.randomUUID?.() || String(Math.random()) }
    const b = await post('/v1/bookings', { event_id: event.id, ...wish }, { 'Idempotency-Key': key.current.key })
    if (wish.seat_positions) remember(b.id, seats.map(s => s.id))
    key.current = null
    clear()
  }))
  const best = e => {
    e.preventDefault()
    const v = values(e.target)
    book({ section, seat_selection_mode: 'best_available', quantity: Number(v.quantity), allow_partial: !v.together, ...(v.subsection && { subsection: Number(v.subsection) }) })
  }
  const hand = () => book({ section: seats[0].block.section.name, subsection: seats[0].block.number, seat_selection_mode: 'manual', seat_positions: seats.map(s => s.position) })
  const tab = (is, text) => html`<button type="button" role="tab" id=${'tab-' + is} aria-selected=${mode === is} aria-controls="wish" onClick=${() => setMode(is)}>${text}</button>`
  const chosen = hall.sections.find(s => s.name === section)
  const logIn = html`<${LogIn} text=${t('pick.login')} />`
  return html`<div class="box">
    <div role="tablist" class="tabs" aria-label=${t('pick.how')}>${tab('best', t('pick.best'))}${tab('hand', t('pick.hand'))}</div>
    <div id="wish" role="tabpanel" aria-labelledby=${'tab-' + mode}>
    ${mode === 'best' ? html`<form onSubmit=${best}>
      <label class="field"><span>${t('event.section')}</span><select name="section" value=${section} onChange=${e => setSection(e.target.value)}>
        ${event.sections.map(s => html`<option key=${s.name} value=${s.name}>${s.name} · ${money(s.price)}</option>`)}</select></label>
      <label class="field"><span>${t('event.subsection')}</span><select name="subsection"><option value="">${t('event.any')}</option>
        ${chosen.blocks.map(b => html`<option key=${b.number} value=${b.number}>${b.number} (${number(b.left)})</option>`)}</select></label>
      <${Field} name="quantity" label=${t('pick.quantity')} help=${t('event.max', { n: event.max_tickets_per_booking })} type="number" min="1" max=${event.max_tickets_per_booking} defaultValue=${Math.min(2, event.max_tickets_per_booking)} required />
      <label class="check"><input type="checkbox" name="together" value="1" /> ${t('pick.together')}</label>
      ${buyer ? html`<button class="main" disabled=${busy}>${t('pick.find')}</button>` : logIn}
    </form>` : seats.length ? html`
      <ul class="picks">${seats.map(s => html`<li key=${s.id}>${s.id}</li>`)}</ul>
      ${buyer ? html`<button type="button" class="main" disabled=${busy} onClick=${hand}>${t('pick.book', { n: seats.length, price: price(seats[0].block.section.name, seats.length) })}</button>` : logIn}
      <button type="button" class="plain" onClick=${clear}>${t('pick.clear')}</button>` : html`<p>${t('pick.none')}</p>`}
    </div>
    <p class="note" role="status">${note}</p>
    ${error && html`<${Failed} error=${error} />`}
  </div>`
}
