import { html, useEffect, useMemo, useRef, useState } from '../vendor/htm-preact.js'
import { get, post } from '../api.js'
import { withLeft } from '../grid.js'
import { lang, listed, money, number, t } from '../i18n.js'
import { Failed, Link, stored, useBusy, values } from '../ui.js'

const AGAIN = 2000 // ms before what was not told is asked for again

// useOffset is the server's clock minus this machine's, in ms, once it is known:
// the server looked at its own about half-way.
function useOffset(id) {
  const [offset, set] = useState()
  useEffect(() => {
    let timer
    const ask = () => {
      const asked = Date.now()
      get('/v1/bookings/' + id).then(b => set(new Date(b.server_time) - (asked + Date.now()) / 2), () => { timer = setTimeout(ask, AGAIN) })
    }
    ask()
    return () => clearTimeout(timer)
  }, [id])
  return offset
}

// Countdown shows the time to a deadline by the server's clock, and says at first
// and near the end that there is one, to who listens.
function Countdown({ booking }) {
  const offset = useOffset(booking.id), [now, set] = useState(Date.now())
  useEffect(() => { const timer = setInterval(() => set(Date.now()), 250); return () => clearInterval(timer) }, [])
  const known = offset !== undefined, left = known && Math.max(0, Math.floor((new Date(booking.expires_at) - now - offset) / 1000)), first = useRef()
  if (known) first.current ??= Math.floor(left / 60)
  const time = known ? Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0') : '…'
  return html`<p class=${'countdown' + (known && left < 60 ? ' soon' : '')} role="timer" aria-live="off">${left === 0 ? t('booking.over') : t('booking.left', { time })}</p>
    <p class="sr" role="status">${known && (left > 60 ? t('booking.minutes', { n: first.current }) : t('booking.minute'))}</p>`
}

// Finding shows that an outcome is waited for, and asks for it: the stream that
// tells it may be away.
function Finding({ booking: b, take }) {
  useEffect(() => {
    let timer, gone = false
    const later = () => { if (!gone) timer = setTimeout(ask, AGAIN * (0.5 + Math.random())) }
    const ask = () => get('/v1/bookings/' + b.id).then(found => { if (!gone) take([found]) }).then(later, later)
    later()
    return () => { gone = true; clearTimeout(timer) }
  }, [b.id])
  return html`<progress aria-label=${t('booking.processing')}></progress>`
}

const has = b => b.status === 'pending_payment' || b.status === 'paid'

// spoken is a booking in a sentence, for who listens.
export function spoken(b) {
  const more = has(b) ? t('booking.got', { seats: listed(b.seats) }) : b.status === 'failed' ? t('booking.' + b.failure_reason) : b.status === 'cancelled' ? t('booking.' + b.cancellation_reason) : ''
  return `${t('booking.' + b.status)} ${more}`
}

// Outcome is a booking as it is now, with what can be done; take gets the answers.
// Where the map is, there are hall, pick and elsewhere, which look at a seat and a
// block, begun, if it was asked for here, and away, which puts it away.
export function Outcome({ booking: b, take, hall, pick, elsewhere, begun, away }) {
  const [busy, error, run] = useBusy(), box = useRef(), title = useRef(), focused = useRef(false)
  useEffect(() => { if (begun) box.current.scrollIntoView({ block: 'nearest' }) }, [begun]) // on a phone it may stand elsewhere than what was pressed
  useEffect(() => { // what had the focus may be gone
    if ((begun || focused.current) && document.activeElement === document.body) title.current.focus({ preventScroll: true })
  }, [b.status, begun])
  const cancel = () => { if (confirm(t('booking.sure'))) run(async () => take([await post(`/v1/bookings/${b.id}/cancellation`)])) }
  const fewer = b.status === 'pending_payment' && b.seats.length < b.quantity, best = b.seat_selection_mode === 'best_available'
  return html`<section ref=${box} class=${'box outcome outcome-' + b.status} onFocusIn=${() => { focused.current = true }} onFocusOut=${e => { focused.current = !e.relatedTarget }}>
    <h2 tabindex="-1" ref=${title}>${t('booking.' + b.status)}</h2>
    ${b.status === 'processing' && html`<${Finding} booking=${b} take=${take} />`}
    ${b.status === 'failed' && html`<p>${t('booking.' + b.failure_reason)}</p>`}
    ${b.status === 'cancelled' && html`<p>${t('booking.' + b.cancellation_reason)}</p>`}
    ${has(b) && html`<p class="seats">${t('booking.got', { seats: listed(b.seats) })} ${hall && best && !hall.together(b.seats.map(s => hall.find(s))) && t('booking.apart')}</p>`}
    ${fewer && html`<p>${t(best ? 'booking.fewer_left' : 'booking.fewer', { asked: b.quantity, got: b.seats.length })}</p>`}
    ${hall && (b.status === 'failed' || fewer) && html`<${Instead} booking=${b} hall=${hall} pick=${pick} elsewhere=${elsewhere} />`}
    ${b.total && html`<p>${t('booking.total')}: <strong>${money(b.total)}</strong></p>`}
    ${b.status === 'pending_payment' && html`<${Countdown} booking=${b} /><${Pay} booking=${b} take=${take} />`}
    ${error && html`<${Failed} error=${error} />`}
    ${b.status === 'paid' && html`<p>${t('tickets.thanks')}</p><p class="papers"><a class="button main" href=${`/v1/bookings/${b.id}/tickets.pdf?lang=${lang()}`} download>${t('tickets.pdf')}</a> <a class="button" href=${`/v1/bookings/${b.id}/calendar.ics?lang=${lang()}`} download>${t('tickets.ics')}</a></p>`}
    ${(hall || b.status === 'pending_payment') && html`<p class="acts-of">
      ${b.status === 'pending_payment' && html`<button type="button" class="plain" disabled=${busy} onClick=${cancel}>${t('booking.cancel')}</button>`}
      ${hall && html`<${Link} to=${'/bookings/' + b.id}>${t('booking.open')}<//>`}
      ${away && html`<button type="button" class="plain" onClick=${away}>${t('booking.away')}</button>`}</p>`}
  </section>`
}

// remember keeps which seats were asked for: a booking says what was got.
export const remember = (id, seats) => askedOf(id).set(seats)

const askedOf = id => stored('asked-' + id)

const MOST = 6 // of what is offered instead

// Instead says which of the asked seats were missed, and what is free beside them,
// or else where there is room. What is offered stays where it is, taken or not; it
// is found when the asked seats and the map are known, which may be later.
function Instead({ booking: b, hall, pick, elsewhere }) {
  const asked = askedOf(b.id).get() || []
  const [missed, near, blocks] = useMemo(() => {
    const missed = asked.filter(id => !b.seats.includes(id)), places = missed.map(id => hall.find(id)).filter(i => i >= 0)
    const near = places.length ? hall.near(places, MOST) : []
    return [missed, near, near.length ? [] : hall.roomy(b.section, b.quantity - b.seats.length, MOST)]
  }, [b.id, b.revision, asked.length, hall.shown?.length])
  return html`${missed.length > 0 && html`<p>${t('booking.missed', { seats: listed(missed) })}</p>`}
    ${near.length > 0 && html`<p>${t('booking.near')}</p><p class="near">${near.map(s => html`<button type="button" key=${s.id} aria-label=${t('booking.pick', { seat: s.id })} disabled=${hall.taken(s.index)} onClick=${() => pick(s)}>${s.id}</button>`)}</p>`}
    ${blocks.length > 0 && html`<p>${t('booking.elsewhere')}</p><p class="near">${blocks.map(x => html`<button type="button" key=${x.name} aria-label=${t('booking.try', { block: x.name, n: number(x.left) })} onClick=${() => elsewhere(x)}>${withLeft(x.name, x)}</button>`)}</p>`}`
}

// Pay asks for a card. A declined one can be tried again.
function Pay({ booking: b, take }) {
  const [busy, error, run] = useBusy(), [card, setCard] = useState('')
  const submit = e => {
    e.preventDefault()
    run(async () => take([await post(`/v1/bookings/${b.id}/payment`, { card_number: values(e.target).card.replace(/[^0-9]/g, '') })]))
  }
  const example = (digits, text) => html`<li><button type="button" class="plain" onClick=${() => setCard(digits)}>${digits.replace(/(.{4})(?=.)/g, '$1 ')}</button> <small>${t(text)}</small></li>`
  return html`<form class="pay" onSubmit=${submit}>
    <label class="field"><span>${t('pay.card')}</span><input name="card" inputmode="numeric" autocomplete="cc-number" value=${card} onInput=${e => setCard(e.target.value)} pattern=${'[0-9 \\-]{12,25}'} required /></label>
    <button class="main" disabled=${busy}>${busy ? t('pay.wait') : t('pay.do', { total: money(b.total) })}</button>
    ${error && html`<${Failed} error=${error} />`}
    <div class="cards-to-try"><p>${t('pay.sandbox')}</p><ul>${example('4242424242424242', 'pay.good')}${example('4000000000000002', 'pay.bad')}${example('4000000000000119', 'pay.slow')}</ul></div>
  </form>`
}
