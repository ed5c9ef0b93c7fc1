import { html, useEffect, useRef } from '../vendor/htm-preact.js'
import { isUncertain, post, retryOverload } from '../api.js'
import { withFree } from '../grid.js'
import { money, t } from '../i18n.js'
import { ErrorBox, Field, formValues, LogInPrompt, Note, useAction } from '../ui.js'
import { rememberRequested } from './bookingcard.js'

/** @typedef {import('../hall.js').Hall} Hall */
/** @typedef {import('../hall.js').Seat} Seat */
/** @typedef {import('./picks.js').Picks} Picks */
/** @typedef {'best' | 'hand'} Mode */
/** @typedef {{ section: string, subsection: number | '' }} Area */

/** @type {Mode[]} */
const modes = ['best', 'hand']

/**
 * BookingRequest requests seats: the best available ones, or those picked by hand. area
 * is the section and subsection of the best available. began gets the new booking.
 * made is how many bookings were made since the page was opened.
 * @param {{ event: Api.Event, hall: Hall, picks: Picks, area: Area, setArea: (area: Area) => void, mode: Mode, setMode: (mode: Mode) => void,
 *   buyer: boolean, note?: () => unknown, reload: () => void, began: (b: Api.Booking) => void, made: number }} props
 */
export function BookingRequest({ event, hall, picks, area, setArea, mode, setMode, buyer, note, reload, began, made }) {
  const [busy, error, run] = useAction(), panel = useRef(/** @type {HTMLElement | null} */ (null))
  const last = useRef(/** @type {{ text: string, key: string, made: number } | null} */ (null)) // the request that has no answer yet
  useEffect(() => { if (error?.code === 'event_closed') reload() }, [error])
  useEffect(() => { if (error && !isUncertain(error)) run(() => {}) }, [mode]) // the error was that of the other form
  /** @type {(request: Api.NewBooking, seats: Seat[]) => unknown} */
  const book = (request, seats) => run(() => picks.request(async () => {
    // A request that is sent again, after a lost answer, has the same key: it is one booking.
    const text = JSON.stringify(request)
    if (last.current?.text !== text) last.current = { text, key: crypto.randomUUID?.() || String(Math.random()), made }
    const headers = { 'Idempotency-Key': last.current.key }
    const b = await retryOverload(() => post('/v1/bookings', { event_id: event.id, ...request }, headers))
    last.current = null
    if (seats.length) rememberRequested(b.id, seats.map(s => s.id))
    picks.drop(seats.map(s => s.index))
    began(b)
  }))
  // A booking that appears after a lost answer is that of the request. Who sends the
  // same request after that wants a second booking.
  useEffect(() => {
    if (!error || !isUncertain(error) || !last.current || made <= last.current.made) return
    last.current = null
    run(() => {}) // clears the error
  }, [error, made])
  /** @param {SubmitEvent & { target: HTMLFormElement }} e */
  const best = e => {
    e.preventDefault()
    const { quantity, together } = formValues(e.target), { section, subsection } = area
    book({ section, ...(subsection && { subsection }), seat_selection_mode: 'best_available', quantity: Number(quantity), allow_partial: !together }, [])
  }
  /** @param {SubmitEvent & { target: HTMLFormElement }} e */
  const hand = e => {
    e.preventDefault()
    const { seats } = picks, { block } = seats[0]
    book({ section: block.section.name, subsection: block.number, seat_selection_mode: 'manual', seat_positions: seats.map(s => s.position), allow_partial: !formValues(e.target).together }, seats)
  }
  /** @param {KeyboardEvent} e */
  const turn = e => { // arrow keys change the tab
    const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0
    if (!step) return
    e.preventDefault()
    const next = modes[(modes.indexOf(mode) + step + modes.length) % modes.length]
    setMode(next)
    document.getElementById('tab-' + next)?.focus()
  }
  const tab = (/** @type {Mode} */ is) => html`<button type="button" role="tab" id=${'tab-' + is} aria-selected=${mode === is} tabindex=${mode === is ? 0 : -1} aria-controls="booking-request" onClick=${() => setMode(is)}>${t('pick.' + is)}</button>`
  const together = html`<label class="check"><input type="checkbox" name="together" value="1" /> ${t('pick.together')}</label>`
  const submit = (/** @type {string} */ text) => buyer ? html`<button class="main" disabled=${busy}>${text}</button>` : html`<${LogInPrompt} text=${t('pick.login')} />`
  return html`<div class="box">
    <div role="tablist" class="tabs" aria-label=${t('pick.how')} onKeyDown=${turn}>${modes.map(tab)}</div>
    <div id="booking-request" role="tabpanel" tabindex="-1" ref=${panel} aria-labelledby=${'tab-' + mode}>
      ${mode === 'best' ? html`<form key="best" onSubmit=${best}>
        <${AreaSelect} event=${event} hall=${hall} area=${area} set=${setArea} />
        <${Field} name="quantity" label=${t('pick.quantity')} help=${t('event.max', { n: event.max_tickets_per_booking })} type="number" min="1" max=${event.max_tickets_per_booking} defaultValue=${Math.min(2, event.max_tickets_per_booking)} required />
        ${together}${submit(t('pick.find'))}
      </form>` : picks.seats.length ? html`<form key="hand" onSubmit=${hand}>
        <ul class="picks">${picks.seats.map(s => html`<li key=${s.id}>${s.id}</li>`)}</ul>
        ${picks.seats.length > 1 && together}
        ${submit(t('pick.book', { n: picks.seats.length, price: cost(event, picks.seats) }))}
        <button type="button" onClick=${() => { picks.drop([...picks.picked]); panel.current?.focus() }}>${t('pick.clear')}</button>
      </form>` : html`<p>${t('pick.none')}</p>`}
    </div>
    <${Note} of=${note} />
    ${error && html`<${ErrorBox} error=${error} />`}
  </div>`
}

/**
 * AreaSelect chooses where the best available seats are looked for.
 * @param {{ event: Api.Event, hall: Hall, area: Area, set: (area: Area) => void }} props
 */
function AreaSelect({ event, hall, area, set }) {
  return html`
    <label class="field"><span>${t('event.section')}</span><select name="section" value=${area.section} onChange=${(/** @type {any} */ e) => set({ section: e.target.value, subsection: '' })}>
      ${event.sections.map(s => html`<option key=${s.name} value=${s.name}>${s.name} · ${money(s.price)}</option>`)}</select></label>
    <label class="field"><span>${t('event.subsection')}</span><select name="subsection" value=${area.subsection} onChange=${(/** @type {any} */ e) => set({ ...area, subsection: Number(e.target.value) || '' })}>
      <option value="">${t('event.any')}</option>
      ${hall.section(area.section)?.blocks.map(b => html`<option key=${b.name} value=${b.number}>${withFree(b.number, b)}</option>`)}</select></label>`
}

/** @type {(event: Api.Event, seats: Seat[]) => string} */
function cost(event, seats) {
  const price = event.sections.find(s => s.name === seats[0].block.section.name)?.price
  return money(price && { ...price, amount: price.amount * seats.length })
}
