import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { get, post } from '../api.js'
import { money, t } from '../i18n.js'
import { Failed, Link, stored, useBusy, values } from '../ui.js'

// useOffset is the server's clock minus this machine's, in ms: the server looked
// at its own about half-way.
function useOffset(id) {
  const [offset, set] = useState(0)
  useEffect(() => {
    const asked = Date.now()
    get('/v1/bookings/' + id).then(b => set(new Date(b.server_time) - (asked + Date.now()) / 2), () => {})
  }, [id])
  return offset
}

// Countdown shows the time to a deadline by the server's clock.
export function Countdown({ booking }) {
  const offset = useOffset(booking.id), [now, set] = useState(Date.now())
  useEffect(() => { const timer = setInterval(() => set(Date.now()), 250); return () => clearInterval(timer) }, [])
  const left = Math.max(0, Math.floor((new Date(booking.expires_at) - now - offset) / 1000))
  const time = Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0')
  return html`<p class=${'countdown' + (left < 60 ? ' soon' : '')} role="timer">${left ? t('booking.left', { time }) : t('booking.over')}</p>`
}

// Outcome is a booking as it is now, with what can be done. hall and pick are
// there where the map is.
export function Outcome({ booking: b, hall, pick }) {
  const [busy, error, run] = useBusy(), box = useRef()
  useEffect(() => { if (hall) box.current.scrollIntoView({ block: 'nearest' }) }, []) // on a phone it may stand elsewhere than what was pressed
  const cancel = () => { if (confirm(t('booking.sure'))) run(() => post(`/v1/bookings/${b.id}/cancellation`)) }
  return html`<section ref=${box} class=${'box outcome outcome-' + b.status} aria-live="polite">
    <h2>${t('booking.' + b.status)}</h2>
    ${b.status === 'processing' && html`<progress></progress>`}
    ${b.status === 'failed' && html`<p>${t('booking.' + b.failure_reason)}</p>`}
    ${b.status === 'cancelled' && html`<p>${t('booking.' + b.cancellation_reason)}</p>`}
    ${(b.status === 'pending_payment' || b.status === 'paid') && html`<p class="seats">${t('booking.got', { seats: b.seats.join(', ') })}</p>`}
    ${b.status === 'pending_payment' && b.seats.length < b.quantity && html`<p>${t('booking.fewer', { asked: b.quantity, got: b.seats.length })}</p>`}
    ${hall && (b.status === 'failed' || b.status === 'pending_payment' && b.seats.length < b.quantity) && html`<${Instead} booking=${b} hall=${hall} pick=${pick} />`}
    ${b.total && html`<p>${t('booking.total')}: <strong>${money(b.total)}</strong></p>`}
    ${b.status === 'pending_payment' && html`<${Countdown} booking=${b} /><${Pay} booking=${b} />`}
    ${error && html`<${Failed} error=${error} />`}
    ${b.status === 'paid' && html`<p>${t('tickets.thanks')}</p><p class="papers"><a class="button main" href=${`/v1/bookings/${b.id}/tickets.pdf`} target="_blank" rel="noopener">${t('tickets.pdf')}</a> <a class="button" href=${`/v1/bookings/${b.id}/calendar.ics`}>${t('tickets.ics')}</a></p>`}
    <p class="acts-of">${b.status === 'pending_payment' && html`<button type="button" class="plain" disabled=${busy} onClick=${cancel}>${t('booking.cancel')}</button>`}
      ${hall && html`<${Link} to=${'/bookings/' + b.id}>${t('booking.open')}<//>`}</p>
  </section>`
}

// remember keeps which seats were asked for: a booking says what was got.
export const remember = (id, seats) => askedOf(id).set(seats)

const askedOf = id => stored('asked-' + id)

// Instead says which of the asked seats were missed, and what is free beside.
function Instead({ booking: b, hall, pick }) {
  const asked = askedOf(b.id).get() || []
  const missed = asked.filter(id => !b.seats.includes(id)), at = missed.length ? hall.find(missed[0]) : -1
  const near = at >= 0 ? hall.near(at, 6) : []
  return html`${missed.length > 0 && html`<p>${t('booking.missed', { seats: missed.join(', ') })}</p>`}
    ${near.length > 0 && html`<p>${t('booking.near')}</p><p class="near">${near.map(s => html`<button type="button" key=${s.id} aria-label=${t('booking.pick', { seat: s.id })} onClick=${() => pick(s)}>${s.id}</button>`)}</p>`}`
}

// Pay asks for a card. A declined one can be tried again.
function Pay({ booking: b }) {
  const [busy, error, run] = useBusy(), [card, setCard] = useState('')
  const submit = e => {
    e.preventDefault()
    run(() => post(`/v1/bookings/${b.id}/payment`, { card_number: values(e.target).card.replaceAll(' ', '') }))
  }
  const example = (digits, text) => html`<button type="button" class="plain" onClick=${() => setCard(digits)}>${digits} <small>${t(text)}</small></button>`
  return html`<form class="pay" onSubmit=${submit}>
    <label class="field"><span>${t('pay.card')}</span><input name="card" inputmode="numeric" autocomplete="cc-number" value=${card} onInput=${e => setCard(e.target.value)} pattern="[0-9 ]{12,23}" required /></label>
    <button class="main" disabled=${busy}>${busy ? t('pay.wait') : t('pay.do', { total: money(b.total) })}</button>
    ${error && html`<${Failed} error=${error} />`}
    <details><summary>${t('pay.sandbox')}</summary>${example('4242424242424242', 'pay.good')}${example('4000000000000002', 'pay.bad')}${example('4000000000000119', 'pay.slow')}</details>
  </form>`
}
