import { html, useMemo, useState } from '../vendor/htm-preact.js'
import { post } from '../api.js'
import { Hall } from '../hall.js'
import { iso4217, number, t } from '../i18n.js'
import { SeatMap } from '../map.js'
import { Failed, Field, go, useBusy, values } from '../ui.js'

const currencies = ['TWD', 'EUR', 'USD', 'GBP', 'JPY', 'HKD', 'CNY', 'KRW', 'AUD', 'CAD', 'CHF', 'SGD']
const another = n => ({ name: String.fromCharCode(65 + n % 26), price: '50', blocks: '4', rows: '10', seats: '20', lengths: '', aisle: '' })

// lengthsOf are the seats of each row of a section, from the front.
function lengthsOf(s) {
  const own = s.lengths.split(/[\s,;]+/).filter(Boolean).map(Number)
  return own.length ? own : Array(whole(s.rows, 500)).fill(whole(s.seats, 500))
}

const whole = (text, most) => Math.min(Math.max(Math.floor(Number(text)) || 0, 0), most)

// rowsOf numbers the seats of each row; an aisle leaves a number out.
function rowsOf(s) {
  const aisle = whole(s.aisle, 500)
  return lengthsOf(s).filter(n => n > 0).map((n, i) => ({ row: i + 1,
    seats: Array.from({ length: whole(n, 500) }, (_, k) => k + 1 + (aisle && k >= aisle ? 1 : 0)) }))
}

const irregular = s => s.lengths.trim() !== '' || whole(s.aisle, 500) > 0

// layoutOf is what the map draws; seatingOf what the API takes.
const layoutOf = sections => ({ sections: sections.map(s => ({ name: s.name, subsections: Array.from({ length: whole(s.blocks, 99) }, (_, i) => ({ number: i + 1, rows: rowsOf(s) })).filter(b => b.rows.length) })).filter(s => s.subsections.length) })

const seatingOf = (sections, currency) => ({ sections: sections.map(s => ({ name: s.name, price: Math.round(Number(s.price) * 10 ** iso4217(currency)),
  subsections: Array.from({ length: whole(s.blocks, 99) }, (_, i) => ({ number: i + 1, ...(irregular(s) ? { rows: rowsOf(s) } : { rows: whole(s.rows, 500), seats_per_row: whole(s.seats, 500) }) })) })) })

export function NewEvent({ session }) {
  const [sections, setSections] = useState([another(0), another(1)]), [busy, error, run] = useBusy()
  const layout = useMemo(() => layoutOf(sections), [sections]), hall = useMemo(() => new Hall(layout), [layout])
  const change = (i, name, value) => setSections(sections.map((s, k) => k === i ? { ...s, [name]: value } : s))
  const submit = e => {
    e.preventDefault()
    const v = values(e.target)
    run(async () => {
      const event = await post('/v1/events', { name: v.name, venue_name: v.venue_name, description: v.description, starts_at: instant(v.starts, v.time_zone), time_zone: v.time_zone,
        currency: v.currency, max_tickets_per_booking: Number(v.max), seating: seatingOf(sections, v.currency) })
      go('/sell/' + event.id)
    })
  }
  const input = (i, name, more = {}) => html`<td><input aria-label=${t('new.' + ({ name: 'section' }[name] || name)) + ' ' + (i + 1)} name=${`${name}-${i}`} value=${sections[i][name]} onInput=${e => change(i, name, e.target.value)} ...${more} /></td>`
  const zones = Intl.supportedValuesOf?.('timeZone') || ['UTC'], own = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (session.user?.role !== 'seller') return html`<h1>${t('new.title')}</h1><p>${t('sell.only')}</p>`
  return html`<form class="editor" onSubmit=${submit}>
    <h1>${t('new.title')}</h1>
    <div class="columns">
      <div>
        <${Field} name="name" label=${t('new.name')} maxlength="128" required />
        <${Field} name="venue_name" label=${t('new.venue')} maxlength="128" required />
        <label class="field"><span>${t('new.description')}</span><textarea name="description" rows="3"></textarea></label>
      </div><div>
        <${Field} name="starts" label=${t('new.starts')} type="datetime-local" required />
        <label class="field"><span>${t('new.zone')}</span><select name="time_zone">${['UTC', ...zones.filter(z => z !== 'UTC')].map(z => html`<option key=${z} value=${z} selected=${z === own}>${z}</option>`)}</select></label>
        <label class="field"><span>${t('new.currency')}</span><select name="currency">${currencies.map(c => html`<option key=${c} value=${c}>${c}</option>`)}</select></label>
        <${Field} name="max" label=${t('new.max')} type="number" min="1" max="20" value="4" required />
      </div>
    </div>
    <h2>${t('new.sections')}</h2>
    <div class="scroll"><table class="sections">
      <thead><tr>${['section', 'price', 'blocks', 'rows', 'seats', 'lengths', 'aisle'].map(n => html`<th key=${n}>${t('new.' + n)}${n === 'lengths' && html`<small>${t('new.lengths.help')}</small>`}</th>`)}<th></th></tr></thead>
      <tbody>${sections.map((s, i) => html`<tr key=${i}>${input(i, 'name', { maxlength: 8, pattern: '[A-Z0-9]{1,8}', required: true })}${input(i, 'price', { type: 'number', min: 0, step: 'any', required: true })}${input(i, 'blocks', { type: 'number', min: 1, max: 99, required: true })}
        ${input(i, 'rows', { type: 'number', min: 1, max: 500 })}${input(i, 'seats', { type: 'number', min: 1, max: 500 })}${input(i, 'lengths', { placeholder: '–', pattern: '[0-9 ,;]*' })}${input(i, 'aisle', { type: 'number', min: 0, max: 499, placeholder: '–' })}
        <td class="acts"><button type="button" class="plain" onClick=${() => setSections([...sections, { ...s, name: another(sections.length).name }])}>${t('new.copy')}</button>
          ${sections.length > 1 && html`<button type="button" class="plain" onClick=${() => setSections(sections.filter((_, k) => k !== i))}>${t('new.remove')}</button>`}</td></tr>`)}</tbody>
    </table></div>
    ${sections.length < 10 && html`<button type="button" onClick=${() => setSections([...sections, another(sections.length)])}>${t('new.add')}</button>`}
    <h2>${t('new.preview', { n: number(hall.count) })}</h2>
    ${hall.count > 0 && hall.count <= 100000 && html`<${SeatMap} hall=${hall} picked=${new Set()} />`}
    ${error && html`<${Failed} error=${error} />`}
    <button class="main" disabled=${busy || !hall.count}>${busy ? t('new.wait') : t('new.do')}</button>
  </form>`
}

// instant is a wall clock's time in a zone, as UTC.
function instant(local, zone) {
  const wanted = new Date(local + 'Z').getTime()
  let guess = wanted
  for (let i = 0; i < 3; i++) guess += wanted - wall(guess, zone) // a change of the clock may lie between
  return new Date(guess).toISOString()
}

function wall(at, timeZone) {
  const p = Object.fromEntries(new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
    .formatToParts(new Date(at)).map(x => [x.type, Number(x.value)]))
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second)
}
