import { html, useMemo, useRef, useState } from '../vendor/htm-preact.js'
import { all, get, lost, post } from '../api.js'
import { Hall } from '../hall.js'
import { iso4217, number, t } from '../i18n.js'
import { SeatMap } from '../map.js'
import { countOf, layoutOf, LIST, LONGEST, MOST, newGroup, newSection, seatingOf } from '../seating.js'
import { Failed, Field, go, LogIn, stored, useBusy, useTitle, values } from '../ui.js'

const currencies = ['TWD', 'EUR', 'USD', 'GBP', 'JPY', 'HKD', 'CNY', 'KRW', 'AUD', 'CAD', 'CHF', 'SGD']
const typed = stored('draft-event') // until it is on sale

const empty = () => ({ form: { currency: currencies[0], max: '4', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone }, sections: [newSection([]), newSection([newSection([])])] })

export function NewEvent({ session }) {
  const [turn, setTurn] = useState(0)
  useTitle(t('new.title'))
  if (session.user?.role !== 'seller') return html`<${LogIn} title=${t('new.title')} text=${t('sell.only')} />`
  return html`<${Editor} key=${turn} again=${() => { if (confirm(t('new.sure'))) { typed.set(null); setTurn(turn + 1) } }} />`
}

function Editor({ again }) {
  const draft = useMemo(() => typed.get() || empty(), [])
  const [sections, setSections] = useState(draft.sections), [currency, setCurrency] = useState(draft.form.currency), [busy, error, run] = useBusy(), form = useRef()
  const money = price => ({ amount: Math.round(Number(price) * 10 ** iso4217(currency)), currency })
  const count = countOf(sections), hall = useMemo(() => new Hall(count > MOST ? { sections: [] } : layoutOf(sections, money)).empty(), [sections, currency])
  const latest = useRef(sections)
  const keep = () => typed.set({ form: values(form.current), sections: latest.current })
  const change = f => setSections(all => { latest.current = f(all); keep(); return latest.current }) // at once: the page may be left before it is drawn
  const submit = e => {
    e.preventDefault()
    const v = values(e.target)
    run(async () => {
      const id = await create({ name: v.name, venue_name: v.venue_name, description: v.description, starts_at: instant(v.starts, v.time_zone), time_zone: v.time_zone,
        currency, max_tickets_per_booking: Number(v.max), seating: seatingOf(sections, money) })
      typed.set(null)
      go('/sell/' + id)
    })
  }
  // Enter in one of forty fields is not meant to put the event on sale.
  const only = e => { if (e.key === 'Enter' && e.target.tagName === 'INPUT') e.preventDefault() }
  const was = draft.form, zones = [...new Set(['UTC', was.time_zone, ...(Intl.supportedValuesOf?.('timeZone') || [])])]
  return html`<form class="editor" ref=${form} onSubmit=${submit} onInput=${keep} onKeyDown=${only}>
    <div class="head"><h1>${t('new.title')}</h1><button type="button" class="plain" onClick=${again}>${t('new.again')}</button></div>
    <div class="columns">
      <div>
        <${Field} name="name" label=${t('new.name')} maxlength="128" required defaultValue=${was.name} />
        <${Field} name="venue_name" label=${t('new.venue')} maxlength="128" required defaultValue=${was.venue_name} />
        <label class="field"><span>${t('new.description')}</span><textarea name="description" rows="4" defaultValue=${was.description}></textarea></label>
      </div><div>
        <${Field} name="starts" label=${t('new.starts')} type="datetime-local" required defaultValue=${was.starts} />
        <label class="field"><span>${t('new.zone')}</span><select name="time_zone">${zones.map(z => html`<option key=${z} value=${z} selected=${z === was.time_zone}>${z}</option>`)}</select></label>
        <div class="columns">
          <label class="field"><span>${t('new.currency')}</span><select name="currency" value=${currency} onChange=${e => setCurrency(e.target.value)}>${currencies.map(c => html`<option key=${c} value=${c}>${c}</option>`)}</select></label>
          <${Field} name="max" label=${t('new.max')} type="number" min="1" max="20" required defaultValue=${was.max} />
        </div>
      </div>
    </div>
    <h2>${t('new.sections')}</h2>
    <${Seating} sections=${sections} smallest=${10 ** -iso4217(currency)} set=${change} />
    <h2>${t('new.preview', { n: number(count) })}</h2>
    ${count > MOST ? html`<p class="failed" role="alert">${t('new.most', { n: number(MOST) })}</p>` : count > 0 && html`<${SeatMap} hall=${hall} picked=${new Set()} states=${[]} />`}
    ${error && html`<${Failed} error=${error} />`}
    <p><button class="main" disabled=${busy || !count || count > MOST}>${busy ? t('new.wait') : t('new.do')}</button></p>
  </form>`
}

// create answers the id of the event. After a lost answer it looks whether there
// is a new one that is it: nobody wants two. Clocks differ, ids grow.
async function create(wish) {
  const [newest] = (await get('/v1/events?mine=true&limit=1')).items
  try {
    return (await post('/v1/events', wish)).id
  } catch (error) {
    if (!lost(error)) throw error
    const mine = await all('/v1/events?mine=true').catch(() => []), same = e => e.name === wish.name && e.venue_name === wish.venue_name && new Date(e.starts_at) - new Date(wish.starts_at) === 0
    const found = mine.find(e => e.id > (newest?.id || 0) && same(e))
    if (!found) throw error
    return found.id
  }
}

// Seating edits sections; each has groups of blocks that are alike.
function Seating({ sections, smallest, set }) {
  // What changes is what there is by then: two changes may come before one is drawn.
  const put = (i, change) => set(all => all.map((s, k) => k === i ? { ...s, ...change(s) } : s))
  const putGroup = (i, j, change) => put(i, s => ({ groups: s.groups.map((g, k) => k === j ? { ...g, ...change } : g) }))
  const input = (name, id, value, change, more = {}) => html`<td><input aria-label=${t('new.' + name) + ' ' + id} name=${name + '-' + id} value=${value} onInput=${e => change({ [name]: e.target.value })} ...${more} /></td>`
  const act = (name, id, does) => html`<button type="button" class="plain" aria-label=${t('new.' + name) + ' ' + id} onClick=${does}>${t('new.' + name)}</button>`
  const listOf = { placeholder: '–', pattern: LIST, title: t('new.list', { n: number(LONGEST) }) }
  const columns = ['name', 'price', 'blocks', 'rows', 'seats', 'lengths', 'aisles']
  return html`<div class="scroll"><table class="sections">
      <thead><tr>${columns.map(n => html`<th key=${n}>${t('new.' + (n === 'name' ? 'section' : n))}${['lengths', 'aisles'].includes(n) && html`<small>${t(`new.${n}.help`)}</small>`}</th>`)}<td></td></tr></thead>
      <tbody>${sections.map((s, i) => s.groups.map((g, j) => {
        const id = `${i}-${j}`, change = c => putGroup(i, j, c)
        return html`<tr key=${id} class=${j ? 'more' : ''}>
          ${j ? html`<td colspan="2" class="of">${t('new.also', { section: s.name })}</td>` : html`${input('name', i, s.name, c => put(i, () => c), { 'aria-label': t('new.section') + ' ' + (i + 1), maxlength: 8, pattern: '[A-Z0-9]{1,8}', required: true })}${input('price', i, s.price, c => put(i, () => c), { type: 'number', min: smallest, step: smallest, required: true })}`}
          ${input('blocks', id, g.blocks, change, { type: 'number', min: 1, max: 99, required: true })}
          ${input('rows', id, g.rows, change, { type: 'number', min: 1, max: LONGEST, required: true, disabled: g.lengths.trim() !== '' })}
          ${input('seats', id, g.seats, change, { type: 'number', min: 1, max: LONGEST, required: true, disabled: g.lengths.trim() !== '' })}
          ${input('lengths', id, g.lengths, change, listOf)}${input('aisles', id, g.aisles, change, listOf)}
          <td class="acts">${j === s.groups.length - 1 && act('more', id, () => put(i, of => ({ groups: [...of.groups, newGroup()] })))}
            ${j === 0 && sections.length < 10 && act('copy', id, () => set(all => [...all, { ...s, name: newSection(all).name }]))}
            ${j > 0 ? act('remove', id, () => put(i, of => ({ groups: of.groups.filter((_, k) => k !== j) }))) : sections.length > 1 && act('remove', id, () => set(all => all.filter((_, k) => k !== i)))}</td></tr>`
      }))}</tbody>
    </table></div>
    ${sections.length < 10 && html`<p><button type="button" onClick=${() => set(all => [...all, newSection(all)])}>${t('new.add')}</button></p>`}`
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
