import { html, useEffect, useMemo, useRef, useState } from '../vendor/htm-preact.js'
import { get, post } from '../api.js'
import { withFree } from '../grid.js'
import { lang, listed, money, number, t } from '../i18n.js'
import { ErrorBox, Field, Form, FormError, formValues, Link, tabStorage, useAction, withSeats } from '../ui.js'

/** @typedef {import('../hall.js').Hall} Hall */
/** @typedef {import('../hall.js').Block} Block */
/** @typedef {import('../hall.js').Seat} Seat */

const RETRY = 2000 // ms

/**
 * useClockOffset returns the server's clock minus this machine's in ms, once it is
 * known. The server is taken to have read its clock half-way through the request.
 * @param {string} id
 */
function useClockOffset(id) {
  const [offset, set] = useState(/** @type {number | undefined} */ (undefined))
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    const ask = () => {
      const asked = Date.now()
      get('/v1/bookings/' + id).then(b => set(Date.parse(b.server_time) - (asked + Date.now()) / 2), () => { timer = setTimeout(ask, RETRY) })
    }
    ask()
    return () => clearTimeout(timer)
  }, [id])
  return offset
}

/**
 * Countdown shows the time left to pay by the server's clock. Screen readers hear it
 * once at first, and once when a minute is left.
 * @param {{ booking: Api.Booking }} props
 */
function Countdown({ booking }) {
  const offset = useClockOffset(booking.id), [now, set] = useState(Date.now()), minutes = useRef(/** @type {number | undefined} */ (undefined))
  useEffect(() => { const timer = setInterval(() => set(Date.now()), 250); return () => clearInterval(timer) }, [])
  const left = offset === undefined ? undefined : Math.max(0, Math.floor((Date.parse(booking.expires_at ?? '') - now - offset) / 1000))
  if (left !== undefined) minutes.current ??= Math.floor(left / 60)
  const time = left === undefined ? '…' : Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0')
  return html`<p class=${'countdown' + (left !== undefined && left < 60 ? ' soon' : '')} role="timer" aria-live="off">${left === 0 ? t('booking.over') : t('booking.left', { time })}</p>
    <p class="sr" role="status">${left !== undefined && (left > 60 ? t('booking.minutes', { n: minutes.current }) : t('booking.minute'))}</p>`
}

/**
 * SearchProgress is shown while a booking is processing. It asks for the outcome, in
 * case the stream is away.
 * @param {{ booking: Api.Booking, take: (news: Api.Booking[]) => void }} props
 */
function SearchProgress({ booking: b, take }) {
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    let gone = false
    const later = () => { if (!gone) timer = setTimeout(ask, RETRY * (0.5 + Math.random())) }
    const ask = () => get('/v1/bookings/' + b.id).then(found => { if (!gone) take([found]) }).then(later, later)
    later()
    return () => { gone = true; clearTimeout(timer) }
  }, [b.id])
  return html`<progress aria-label=${t('booking.processing')}></progress>`
}

/** @param {Api.Booking} b */
const hasSeats = b => b.status === 'pending_payment' || b.status === 'paid'

/**
 * announcement returns a booking as a sentence for screen readers.
 * @param {Api.Booking} b
 */
export function announcement(b) {
  const more = hasSeats(b) ? t('booking.got', { seats: listed(b.seats) }) : b.status === 'failed' ? t('booking.' + b.failure_reason) : b.status === 'cancelled' ? t('booking.' + b.cancellation_reason) : ''
  return `${t('booking.' + b.status)} ${more}`
}

/**
 * BookingCard shows a booking and what can be done with it. take gets the answers.
 * On the page with the map there are also: pick, which picks a seat; elsewhere, which
 * looks at a block; begun, set if the booking was made in this tab; pay, which opens
 * the payment form, of which only one is open; and dismiss.
 * @param {{ booking: Api.Booking, take: (news: Api.Booking[]) => void, hall?: Hall, pick?: (seat: Seat) => void,
 *   elsewhere?: (block: Block) => void, begun?: boolean, paying?: boolean, pay?: () => void, dismiss?: (() => void) | null }} props
 */
export function BookingCard({ booking: b, take, hall, pick, elsewhere, begun, paying = true, pay, dismiss }) {
  const [busy, error, run] = useAction(), focused = useRef(false)
  const box = useRef(/** @type {HTMLElement | null} */ (null)), title = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => { if (begun) box.current?.scrollIntoView({ block: 'nearest' }) }, [begun]) // on a phone it may be out of sight
  useEffect(() => { // the element that had the focus may be gone
    if ((begun || focused.current) && document.activeElement === document.body) title.current?.focus({ preventScroll: true })
  }, [b.status, begun])
  const open = () => { pay?.(); title.current?.focus({ preventScroll: true }) } // the button goes away
  const cancel = () => { if (confirm(t('booking.sure'))) run(async () => take([await post(`/v1/bookings/${b.id}/cancellation`)])) }
  const fewer = b.status === 'pending_payment' && b.seats.length < b.quantity, best = b.seat_selection_mode === 'best_available'
  return html`<section ref=${box} class=${'box outcome outcome-' + b.status} onFocusIn=${() => { focused.current = true }} onFocusOut=${(/** @type {FocusEvent} */ e) => { focused.current = !e.relatedTarget }}>
    <h2 tabindex="-1" ref=${title}>${t('booking.' + b.status)}</h2>
    ${b.status === 'processing' && html`<${SearchProgress} booking=${b} take=${take} />`}
    ${b.status === 'failed' && html`<p>${t('booking.' + b.failure_reason)}</p>`}
    ${b.status === 'cancelled' && html`<p>${t('booking.' + b.cancellation_reason)}</p>`}
    ${hasSeats(b) && html`<p class="seats">${withSeats('booking.got', b.seats)} ${hall && best && !hall.together(b.seats.map(s => hall.find(s))) && t('booking.apart')}</p>`}
    ${fewer && html`<p>${t(best ? 'booking.fewer_left' : 'booking.fewer', { asked: b.quantity, got: b.seats.length })}</p>`}
    ${hall && (b.status === 'failed' || fewer) && html`<${Alternatives} booking=${b} hall=${hall} pick=${pick} elsewhere=${elsewhere} />`}
    ${b.total && html`<p>${t('booking.total_is')} <strong>${money(b.total)}</strong></p>`}
    ${b.status === 'pending_payment' && html`<${Countdown} booking=${b} />${paying && html`<${PaymentForm} booking=${b} take=${take} />`}`}
    ${error && html`<${ErrorBox} error=${error} />`}
    ${b.status === 'paid' && html`<p>${t('tickets.thanks')}</p><p class="downloads"><a class="button main" href=${`/v1/bookings/${b.id}/tickets.pdf?lang=${lang()}`} download>${t('tickets.pdf')}</a> <a class="button" href=${`/v1/bookings/${b.id}/calendar.ics?lang=${lang()}`} download>${t('tickets.ics')}</a></p>`}
    ${(hall || b.status === 'pending_payment') && html`<p class="acts-of">
      ${b.status === 'pending_payment' && !paying && html`<button type="button" class="main" aria-label=${t('pay.of', { seats: listed(b.seats) })} onClick=${open}>${t('pay.open')}</button>`}
      ${b.status === 'pending_payment' && html`<button type="button" disabled=${busy} onClick=${cancel}>${t('booking.cancel')}</button>`}
      ${hall && html`<${Link} to=${'/bookings/' + b.id}>${t('booking.open')}<//>`}
      ${dismiss && html`<button type="button" onClick=${dismiss}>${t('booking.away')}</button>`}</p>`}
  </section>`
}

/**
 * rememberRequested stores which seats were requested. A booking has only those that
 * were granted.
 * @param {string} id
 * @param {string[]} seats
 */
export const rememberRequested = (id, seats) => requested(id).set(seats)

/** @param {string} id */
const requested = id => tabStorage('asked-' + id)

const MOST = 6 // alternatives

/**
 * Alternatives names the requested seats that were not granted, and offers free ones
 * near them, or else blocks with room. It is computed once the requested seats and the
 * map are known, and stays, so that nothing moves below a finger.
 * @param {{ booking: Api.Booking, hall: Hall, pick: (seat: Seat) => void, elsewhere: (block: Block) => void }} props
 */
function Alternatives({ booking: b, hall, pick, elsewhere }) {
  /** @type {string[]} */
  const asked = requested(b.id).get() || []
  const { missed, near, blocks } = useMemo(() => {
    const missed = asked.filter(id => !b.seats.includes(id)), places = missed.map(id => hall.find(id)).filter(i => i >= 0)
    const near = places.length ? hall.near(places, MOST) : []
    return { missed, near, blocks: near.length ? [] : hall.roomy(b.section, b.quantity - b.seats.length, MOST) }
  }, [b.id, b.revision, asked.length, hall.shown.length])
  return html`${missed.length > 0 && html`<p>${withSeats('booking.missed', missed)}</p>`}
    ${near.length > 0 && html`<p>${t('booking.near')}</p><p class="near">${near.map(s => html`<button type="button" key=${s.id} aria-label=${t('booking.pick', { seat: s.id })} disabled=${hall.taken(s.index)} onClick=${() => pick(s)}>${s.id}</button>`)}</p>`}
    ${blocks.length > 0 && html`<p>${t('booking.elsewhere')}</p><p class="near">${blocks.map(x => html`<button type="button" key=${x.name} aria-label=${t('booking.try', { block: x.name, n: number(x.left ?? 0) })} onClick=${() => elsewhere(x)}>${withFree(x.name, x)}</button>`)}</p>`}`
}

/**
 * PaymentForm asks for a card. After a decline another one can be tried.
 * @param {{ booking: Api.Booking, take: (news: Api.Booking[]) => void }} props
 */
function PaymentForm({ booking: b, take }) {
  const [busy, error, run] = useAction(), [card, setCard] = useState('')
  /** @param {SubmitEvent & { target: HTMLFormElement }} e */
  const submit = e => {
    e.preventDefault()
    run(async () => take([await post(`/v1/bookings/${b.id}/payment`, { card_number: formValues(e.target).card.replace(/[^0-9]/g, '') })]))
  }
  /** @type {(digits: string, text: string) => unknown} */
  const example = (digits, text) => html`<li><button type="button" class="plain" onClick=${() => { setCard(digits); run(() => {}) }}>${digits.replace(/(.{4})(?=.)/g, '$1 ')}</button> <small>${t(text)}</small></li>`
  return html`<${Form} class="pay" error=${error} fieldOf=${() => 'card'} onSubmit=${submit}>
    <${Field} name="card" label=${t('pay.card')} inputmode="numeric" autocomplete="cc-number" value=${card} onInput=${(/** @type {any} */ e) => setCard(e.target.value)} pattern=${'[0-9 \\-]{12,25}'} title=${t('wrong.invalid.card_number')} required />
    <button class="main" disabled=${busy}>${busy ? t('pay.wait') : t('pay.do', { total: money(b.total) })}</button>
    <${FormError} />
    <div class="cards-to-try"><p>${t('pay.sandbox')}</p><ul>${example('4242424242424242', 'pay.good')}${example('4000000000000002', 'pay.bad')}${example('4000000000000119', 'pay.slow')}</ul></div>
  <//>`
}
