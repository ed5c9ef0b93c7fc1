import { html, useEffect, useMemo, useRef, useState } from '../vendor/htm-preact.js'
import { get } from '../api.js'
import { Blocks, SeatGrid } from '../grid.js'
import { money, number, t, when } from '../i18n.js'
import { useHall, useLive } from '../livehall.js'
import { SeatMap } from '../map.js'
import { isActive, useBookings } from '../mybookings.js'
import { Failed, Live, Loading, useAsked, useNote, useTitle } from '../ui.js'
import { Outcome, spoken } from './outcome.js'
import { usePicks } from './picks.js'
import { Wish } from './wish.js'

const FRESH = 60000 // ms, about, after which prices are asked for again

export function Event({ id, session }) {
  const [found, error, again] = useAsked(() => Promise.all([get('/v1/events/' + id), get(`/v1/events/${id}/layout`)]), id)
  useTitle(found?.[0].name)
  if (error) return html`<${Failed} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  return html`<${Sale} found=${found[0]} layout=${found[1]} session=${session} />`
}

// useFresh keeps an event as it is: [event, look]. Its seller may change prices
// and close it; looked at is the event when somebody comes back to the page, and
// the layout, which is cheap to ask for, now and then.
function useFresh(found) {
  const [event, set] = useState(found), path = '/v1/events/' + found.id
  const look = () => get(path).then(set, () => {})
  useEffect(() => {
    const seen = () => { if (!document.hidden) look() }
    const priced = layout => set(e => ({ ...e, sections: e.sections.map((s, i) => ({ ...s, price: layout.sections[i].price })) }))
    const prices = () => { if (!document.hidden) get(path + '/layout').then(priced, () => {}) }
    const timer = setInterval(prices, FRESH * (0.5 + Math.random()))
    document.addEventListener('visibilitychange', seen)
    return () => { clearInterval(timer); document.removeEventListener('visibilitychange', seen) }
  }, [found.id])
  return [event, look]
}

function Sale({ found, layout, session }) {
  const [event, look] = useFresh(found), hall = useHall(layout), view = useRef(), [note, say] = useNote()
  const [mode, setMode] = useState('best'), [block, setBlock] = useState(), [where, setWhere] = useState({ section: event.sections[0].name, subsection: '' })
  const buyer = session.user?.role === 'buyer', [bookings, answers, take, told] = useBookings(buyer && '/v1/bookings/stream?event_id=' + event.id)
  const mine = useOwn(bookings, told, hall, view), picks = usePicks(event, hall, view, say, bookings, buyer ? told.since : -Infinity)
  const choose = b => { // what somebody looks at is where the best seats are wished for
    setBlock(b)
    setWhere(old => b ? { section: b.section.name, subsection: b.number } : { ...old, subsection: '' })
  }
  const open = b => { choose(b); if (b) view.current?.fit(b, 2) }
  const seats = useLive(event, hall, view, () => {
    const [kept] = picks.heard()
    if (kept === undefined) return
    setMode('hand')
    open(hall.blockOf(kept))
  })
  const toggle = seat => {
    if (event.status !== 'on_sale') return
    say()
    picks.toggle(seat)
    if (picks.picked.size) setMode('hand')
    choose(seat.block)
  }
  const elsewhere = b => { setMode('best'); open(b) }
  const dismiss = b => { // the button had the focus
    mine.dismiss(b)
    document.getElementById(event.status === 'on_sale' ? 'wish' : 'content').focus()
  }
  const began = b => {
    mine.begin(b)
    take([b])
    const shown = event.sections.find(s => s.name === b.section).price
    if (shown.amount === b.unit_price.amount) return
    say(() => t('pick.price', { price: money(b.unit_price) }))
    look()
  }
  return html`
    <div class="head"><div><h1>${event.name}</h1><p>${event.venue_name} · ${when(event.starts_at, event.time_zone)} · ${t('event.by', { seller: event.seller.name })}</p></div>
      <${Live} states=${buyer ? [seats, answers] : [seats]} /></div>
    ${event.description && html`<p class="description">${event.description}</p>`}
    ${event.status === 'closed' && html`<p class="box" role="status">${t('event.closed')}</p>`}
    <div class="sale">
      <div class="hall">
        <${SeatMap} hall=${hall} picked=${picks.picked} onSeat=${toggle} onBlock=${choose} states=${['available', 'reserved', 'sold', 'picked', 'mine']} view=${v => { view.current = v }} />
      </div>
      <aside>
        <p class="sr" role="status">${mine.news && spoken(mine.news)}</p>
        ${mine.shown.map(b => html`<${Outcome} key=${b.id} booking=${b} take=${take} hall=${hall} pick=${toggle} elsewhere=${elsewhere} begun=${mine.begun(b)} away=${isActive(b) ? null : () => dismiss(b)} />`)}
        ${event.status === 'on_sale' && html`<${Wish} event=${event} hall=${hall} picks=${picks} where=${where} setWhere=${setWhere} mode=${mode} setMode=${setMode} buyer=${buyer} note=${note} look=${look} began=${began} made=${bookings.filter(told.made).length} />`}
        <${Prices} event=${event} hall=${hall} show=${s => view.current?.fit(s, 2)} />
      </aside>
      <div class="below">
        <${Blocks} hall=${hall} block=${block} choose=${open} />
        ${block && html`<${SeatGrid} key=${block.name} hall=${hall} block=${block} picked=${picks.picked} onSeat=${toggle} />`}
      </div>
    </div>`
}

// useOwn puts the seats of a buyer's bookings on the map. shown are the bookings
// that have something to say: those that wait, and the one that ended last while
// somebody looked; if there are none, the last one that was paid. news is the one
// that changed last.
function useOwn(bookings, told, hall, view) {
  const begun = useRef(new Set()), before = useRef([]), news = useRef(), [gone, setGone] = useState([])
  const seen = useRef(new Map()) // what somebody saw of each booking, in the order in which they changed
  hall.mine = useMemo(() => new Set(bookings.filter(b => b.status === 'paid' || b.status === 'pending_payment').flatMap(b => b.seats.map(s => hall.find(s))).filter(i => i >= 0)), [bookings])
  const changed = useMemo(() => { // oldest first
    const changed = bookings.filter(b => (isActive(b) || told.made(b) || seen.current.has(b.id)) && seen.current.get(b.id) !== b.status).reverse()
    for (const b of changed) {
      seen.current.delete(b.id) // to the end
      seen.current.set(b.id, b.status)
      news.current = b
    }
    return changed
  }, [bookings])
  useEffect(() => {
    view.current?.changed([...new Set([...before.current, ...hall.mine])])
    before.current = hall.mine
    // What was found for somebody is shown where it is.
    for (const b of changed) if (b.status === 'pending_payment' && b.seat_selection_mode === 'best_available' && begun.current.has(b.id)) view.current?.fit(hall.blockOf(hall.find(b.seats[0])), 2)
  }, [bookings])
  const ended = bookings.filter(b => !isActive(b) && !gone.includes(b.id)), order = [...seen.current.keys()]
  const saw = ended.filter(b => seen.current.has(b.id)).sort((a, b) => order.indexOf(b.id) - order.indexOf(a.id))
  const last = saw[0] ?? (bookings.some(isActive) ? null : ended.find(b => b.status === 'paid'))
  return {
    news: news.current,
    shown: bookings.filter(b => isActive(b) || b === last),
    begin: b => { begun.current.add(b.id); seen.current.set(b.id, 'asked') },
    begun: b => begun.current.has(b.id),
    dismiss: b => setGone(old => [...old, b.id]),
  }
}

// Prices are what each section costs, and what is left of it.
function Prices({ event, hall, show }) {
  return html`<table class="prices"><thead><tr><th>${t('event.section')}</th><th>${t('event.price')}</th><th>${t('event.left')}</th></tr></thead>
    <tbody>${event.sections.map(s => {
      const section = hall.section(s.name), known = section.blocks.every(b => b.left !== null), left = section.blocks.reduce((sum, b) => sum + b.left, 0)
      return html`<tr key=${s.name}>
        <th scope="row"><button type="button" class="plain" title=${t('event.show', { section: s.name })} onClick=${() => show(section)}>${s.name}</button></th>
        <td>${money(s.price)}</td>
        <td>${known ? html`<meter min="0" max=${section.count} value=${left} aria-label=${t('home.left', { n: number(left), all: number(section.count) })}></meter> ${number(left)}` : '–'}</td></tr>`
    })}</tbody></table>`
}
