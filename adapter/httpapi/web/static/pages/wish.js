import { html, useEffect, useRef } from '../vendor/htm-preact.js'
import { lost, patiently, post } from '../api.js'
import { withLeft } from '../grid.js'
import { money, t } from '../i18n.js'
import { Failed, Field, LogIn, Note, useBusy, values } from '../ui.js'
import { remember } from './outcome.js'

// Wish asks for seats: the best ones, or those that were picked. where is the
// section and subsection of the best; began hears of the booking; made is how many
// were made while somebody looked.
export function Wish({ event, hall, picks, where, setWhere, mode, setMode, buyer, note, look, began, made }) {
  const [busy, error, run] = useBusy(), key = useRef(), panel = useRef()
  useEffect(() => { if (error?.code === 'event_closed') look() }, [error])
  const book = (wish, seats) => run(() => picks.asking(async () => {
    // One key for one wish: what is sent twice, after a lost answer, is one booking.
    const text = JSON.stringify(wish)
    if (key.current?.text !== text) key.current = { text, key: crypto.randomUUID?.() || String(Math.random()), made }
    const same = { 'Idempotency-Key': key.current.key }
    const b = await patiently(() => post('/v1/bookings', { event_id: event.id, ...wish }, same))
    key.current = null
    if (seats.length) remember(b.id, seats.map(s => s.id))
    picks.letGo(seats.map(s => s.index))
    began(b)
  }))
  // A booking that turns up after a lost answer is that of the wish: who wishes for
  // the same once more means another.
  useEffect(() => {
    if (!error || !lost(error) || !key.current || made <= key.current.made) return
    key.current = null
    run(() => {}) // nothing went wrong
  }, [error, made])
  const best = e => {
    e.preventDefault()
    const { quantity, together } = values(e.target), { section, subsection } = where
    book({ section, ...(subsection && { subsection }), seat_selection_mode: 'best_available', quantity: Number(quantity), allow_partial: !together }, [])
  }
  const hand = e => {
    e.preventDefault()
    const { seats } = picks, { block } = seats[0]
    book({ section: block.section.name, subsection: block.number, seat_selection_mode: 'manual', seat_positions: seats.map(s => s.position), allow_partial: !values(e.target).together }, seats)
  }
  const modes = ['best', 'hand']
  const turn = e => { // as tabs are turned by keyboard
    const to = { ArrowRight: 1, ArrowLeft: -1 }[e.key]
    if (!to) return
    e.preventDefault()
    const next = modes[(modes.indexOf(mode) + to + modes.length) % modes.length]
    setMode(next)
    document.getElementById('tab-' + next).focus()
  }
  const tab = is => html`<button type="button" role="tab" id=${'tab-' + is} aria-selected=${mode === is} tabindex=${mode === is ? 0 : -1} aria-controls="wish" onClick=${() => setMode(is)}>${t('pick.' + is)}</button>`
  const together = html`<label class="check"><input type="checkbox" name="together" value="1" /> ${t('pick.together')}</label>`
  const doIt = text => buyer ? html`<button class="main" disabled=${busy}>${text}</button>` : html`<${LogIn} text=${t('pick.login')} />`
  return html`<div class="box">
    <div role="tablist" class="tabs" aria-label=${t('pick.how')} onKeyDown=${turn}>${modes.map(tab)}</div>
    <div id="wish" role="tabpanel" tabindex="-1" ref=${panel} aria-labelledby=${'tab-' + mode}>
      ${mode === 'best' ? html`<form key="best" onSubmit=${best}>
        <${Where} event=${event} hall=${hall} where=${where} set=${setWhere} />
        <${Field} name="quantity" label=${t('pick.quantity')} help=${t('event.max', { n: event.max_tickets_per_booking })} type="number" min="1" max=${event.max_tickets_per_booking} defaultValue=${Math.min(2, event.max_tickets_per_booking)} required />
        ${together}${doIt(t('pick.find'))}
      </form>` : picks.seats.length ? html`<form key="hand" onSubmit=${hand}>
        <ul class="picks">${picks.seats.map(s => html`<li key=${s.id}>${s.id}</li>`)}</ul>
        ${picks.seats.length > 1 && together}
        ${doIt(t('pick.book', { n: picks.seats.length, price: costs(event, picks.seats) }))}
        <button type="button" class="plain" onClick=${() => { picks.letGo([...picks.picked]); panel.current.focus() }}>${t('pick.clear')}</button>
      </form>` : html`<p>${t('pick.none')}</p>`}
    </div>
    <${Note} of=${note} />
    ${error && html`<${Failed} error=${error} />`}
  </div>`
}

// Where chooses the section and subsection of the best seats.
function Where({ event, hall, where, set }) {
  return html`
    <label class="field"><span>${t('event.section')}</span><select name="section" value=${where.section} onChange=${e => set({ section: e.target.value, subsection: '' })}>
      ${event.sections.map(s => html`<option key=${s.name} value=${s.name}>${s.name} · ${money(s.price)}</option>`)}</select></label>
    <label class="field"><span>${t('event.subsection')}</span><select name="subsection" value=${where.subsection} onChange=${e => set({ ...where, subsection: Number(e.target.value) || '' })}>
      <option value="">${t('event.any')}</option>
      ${hall.section(where.section).blocks.map(b => html`<option key=${b.name} value=${b.number}>${withLeft(b.number, b)}</option>`)}</select></label>`
}

function costs(event, seats) {
  const { price } = event.sections.find(s => s.name === seats[0].block.section.name)
  return money({ ...price, amount: price.amount * seats.length })
}
