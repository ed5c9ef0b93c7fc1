import { html, useMemo, useRef, useState } from '../vendor/htm-preact.js'
import { allPages, get, isUncertain, post } from '../api.js'
import { Hall } from '../hall.js'
import { number, t } from '../i18n.js'
import { SeatMap } from '../map.js'
import { minorUnits, smallest } from '../money.js'
import { countOf, layoutOf, LIST, LONGEST, MOST_SEATS, newGroup, newSection, seatingOf } from '../seating.js'
import { Field, Form, FormError, formValues, LogInPrompt, navigate, Refusal, tabStorage, useAction, useRefused, useTitle } from '../ui.js'
import { chosenInstant, StartTime } from './starttime.js'

/** @typedef {import('../seating.js').Section} Section */
/** @typedef {import('../seating.js').Group} Group */
/** @typedef {{ form: Record<string, string>, sections: Section[] }} Draft */

const currencies = ['TWD', 'EUR', 'USD', 'GBP', 'JPY', 'HKD', 'CNY', 'KRW', 'AUD', 'CAD', 'CHF', 'SGD']
const stored = tabStorage('draft-event') // until the event is on sale
const MOST_SECTIONS = 10 // in this editor

/** @returns {Draft} */
const emptyDraft = () => ({ form: { currency: currencies[0], max: '4', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone }, sections: [newSection([]), newSection([newSection([])])] })

/**
 * NewEvent is the editor of an event that is not on sale yet.
 * @param {PageProps} props
 */
export function NewEvent({ session }) {
  const [turn, setTurn] = useState(0)
  useTitle(t('new.title'))
  if (session.user?.role !== 'seller') return html`<${LogInPrompt} title=${t('new.title')} text=${t('sell.only')} />`
  return html`<${Editor} key=${turn} again=${() => { if (confirm(t('new.sure'))) { stored.set(null); setTurn(turn + 1) } }} />`
}

/** @param {{ again: () => void }} props */
function Editor({ again }) {
  /** @type {Draft} */
  const draft = useMemo(() => stored.get() || emptyDraft(), [])
  const [sections, setSections] = useState(draft.sections), [currency, setCurrency] = useState(draft.form.currency), [busy, error, run] = useAction()
  const form = useRef(/** @type {HTMLFormElement | null} */ (null))
  const money = (/** @type {string} */ price) => ({ amount: minorUnits(price, currency), currency })
  const count = countOf(sections), hall = useMemo(() => new Hall(count > MOST_SEATS ? { sections: [] } : layoutOf(sections, money)).empty(), [sections, currency])
  const latest = useRef(sections)
  const keep = () => { if (form.current) stored.set({ form: formValues(form.current), sections: latest.current }) }
  const change = (/** @type {(all: Section[]) => Section[]} */ f) => setSections(all => { latest.current = f(all); keep(); return latest.current }) // stored at once: the page may be left before it is drawn
  /** @param {SubmitEvent & { target: HTMLFormElement }} e */
  const submit = e => {
    e.preventDefault()
    const v = formValues(e.target), starts_at = chosenInstant(v)
    if (!starts_at) return // StartTime says why
    run(async () => {
      const id = await create({ name: v.name, venue_name: v.venue_name, description: v.description, starts_at, time_zone: v.time_zone,
        currency, max_tickets_per_booking: Number(v.max), seating: seatingOf(sections, money) })
      stored.set(null)
      navigate('/sell/' + id)
    })
  }
  // Enter in one of forty fields must not put the event on sale.
  const noEnter = (/** @type {KeyboardEvent} */ e) => { if (e.key === 'Enter' && e.target instanceof HTMLInputElement) e.preventDefault() }
  const was = draft.form, zones = [...new Set(['UTC', was.time_zone, ...(Intl.supportedValuesOf?.('timeZone') || [])])]
  return html`<${Form} class="editor" form=${form} error=${error} fieldOf=${fieldOf} onSubmit=${submit} onInput=${keep} onKeyDown=${noEnter}>
    <div class="head"><h1>${t('new.title')}</h1><button type="button" onClick=${again}>${t('new.again')}</button></div>
    <div class="columns">
      <div>
        <${Field} name="name" label=${t('new.name')} maxlength="128" required defaultValue=${was.name} />
        <${Field} name="venue_name" label=${t('new.venue')} maxlength="128" required defaultValue=${was.venue_name} />
        <label class="field"><span>${t('new.description')}</span><textarea name="description" rows="4" defaultValue=${was.description}></textarea><${Refusal} name="description" /></label>
      </div><div>
        <${StartTime} was=${was} zones=${zones} changed=${keep} />
        <div class="columns">
          <label class="field"><span>${t('new.currency')}</span><select name="currency" value=${currency} onChange=${(/** @type {any} */ e) => setCurrency(e.target.value)}>${currencies.map(c => html`<option key=${c} value=${c}>${c}</option>`)}</select><${Refusal} name="currency" /></label>
          <${Field} name="max" label=${t('new.max')} type="number" min="1" max="20" required defaultValue=${was.max} />
        </div>
      </div>
    </div>
    <h2>${t('new.sections')}</h2>
    <${Seating} sections=${sections} smallest=${smallest(currency)} set=${change} />
    <h2>${t('new.preview', { n: number(count) })}</h2>
    ${count > MOST_SEATS ? html`<p class="failed" role="alert">${t('new.most', { n: number(MOST_SEATS) })}</p>` : count > 0 && html`<${SeatMap} hall=${hall} picked=${new Set()} states=${[]} />`}
    <${FormError} />
    <p><button class="main" disabled=${busy || !count || count > MOST_SEATS}>${busy ? t('new.wait') : t('new.do')}</button></p>
  <//>`
}

/**
 * fieldOf returns the name of the field in the editor that a JSON pointer means. What
 * is wrong with a section's blocks is said beside its first blocks.
 * @param {string} pointer
 */
function fieldOf(pointer) {
  const [, section, name] = /^\/seating\/sections\/(\d+)(?:\/(\w+))?/.exec(pointer) ?? []
  if (section) return name === 'name' || name === 'price' ? `${name}-${section}` : `blocks-${section}-0`
  return { '/starts_at': 'starts', '/max_tickets_per_booking': 'max' }[pointer] ?? pointer.slice(1)
}

/**
 * create returns the id of the new event. After a lost answer it looks for a new event
 * that equals the request, so that there are never two. It goes by ids, since clocks
 * differ.
 * @param {Api.NewEvent} request
 * @returns {Promise<number>}
 */
async function create(request) {
  const [newest] = (await get('/v1/events?mine=true&limit=1')).items
  try {
    return (await post('/v1/events', request)).id
  } catch (error) {
    if (!isUncertain(error)) throw error
    /** @type {Api.EventSummary[]} */
    const mine = await allPages('/v1/events?mine=true').catch(() => [])
    const found = mine.find(e => e.id > (newest?.id || 0) && e.name === request.name && e.venue_name === request.venue_name && Date.parse(e.starts_at) === Date.parse(request.starts_at))
    if (!found) throw error
    return found.id
  }
}

/**
 * Seating edits sections. Each has groups of blocks that are alike.
 * @param {{ sections: Section[], smallest: string, set: (change: (all: Section[]) => Section[]) => void }} props
 */
function Seating({ sections, smallest, set }) {
  // Changes are functions of the present sections: two changes may come before one is drawn.
  /** @type {(i: number, change: (s: Section) => Partial<Section>) => void} */
  const put = (i, change) => set(all => all.map((s, k) => k === i ? { ...s, ...change(s) } : s))
  /** @type {(i: number, j: number, change: Partial<Group>) => void} */
  const putGroup = (i, j, change) => put(i, s => ({ groups: s.groups.map((g, k) => k === j ? { ...g, ...change } : g) }))
  /** @type {(name: string, id: string | number, value: string, change: (c: Record<string, string>) => void, more?: object) => unknown} */
  const input = (name, id, value, change, more = {}) => html`<${Cell} name=${name} id=${id} value=${value} onInput=${(/** @type {any} */ e) => change({ [name]: e.target.value })} ...${more} />`
  /** @type {(name: string, id: string, does: () => void) => unknown} */
  const act = (name, id, does) => html`<button type="button" class="plain" aria-label=${t('new.' + name) + ' ' + id} onClick=${does}>${t('new.' + name)}</button>`
  const listOf = { placeholder: '–', pattern: LIST, title: t('new.list', { n: number(LONGEST) }) }
  const upper = (/** @type {any} */ e, /** @type {number} */ i) => { // section names have capitals
    const { target } = e, at = target.selectionStart
    if (!e.isComposing && target.value !== target.value.toUpperCase()) {
      target.value = target.value.toUpperCase()
      target.setSelectionRange(at, at)
    }
    put(i, () => ({ name: target.value }))
  }
  return html`<div class="scroll" data-together><table class="stacked sections">
      <thead><tr>${columns.map(n => html`<th key=${n}>${t(columnName(n))}${['lengths', 'aisles'].includes(n) && html`<small>${t(`new.${n}.help`)}</small>`}</th>`)}<td></td></tr></thead>
      <tbody>${sections.map((s, i) => s.groups.map((g, j) => {
        const id = `${i}-${j}`, change = (/** @type {Partial<Group>} */ c) => putGroup(i, j, c)
        return html`<tr key=${id} class=${j ? 'more' : ''}>
          ${j ? html`<td colspan="2" class="of">${t('new.also', { section: s.name })}</td>` : html`${input('name', i, s.name, c => put(i, () => c), { 'aria-label': t('new.section') + ' ' + (i + 1), maxlength: 8, pattern: '[A-Z0-9]{1,8}', title: t('new.section.rule'), required: true, onInput: (/** @type {any} */ e) => upper(e, i) })}${input('price', i, s.price, c => put(i, () => c), { type: 'number', min: smallest, step: smallest, required: true })}`}
          ${input('blocks', id, g.blocks, change, { type: 'number', min: 1, max: 99, required: true })}
          ${input('rows', id, g.rows, change, { type: 'number', min: 1, max: LONGEST, required: true, disabled: g.lengths.trim() !== '' })}
          ${input('seats', id, g.seats, change, { type: 'number', min: 1, max: LONGEST, required: true, disabled: g.lengths.trim() !== '' })}
          ${input('lengths', id, g.lengths, change, listOf)}${input('aisles', id, g.aisles, change, listOf)}
          <td class="acts">${j === s.groups.length - 1 && act('more', id, () => put(i, of => ({ groups: [...of.groups, newGroup()] })))}
            ${j === 0 && sections.length < MOST_SECTIONS && act('copy', id, () => set(all => [...all, { ...s, name: newSection(all).name }]))}
            ${j > 0 ? act('remove', id, () => put(i, of => ({ groups: of.groups.filter((_, k) => k !== j) }))) : sections.length > 1 && act('remove', id, () => set(all => all.filter((_, k) => k !== i)))}</td></tr>`
      }))}</tbody>
    </table></div>
    ${sections.length < MOST_SECTIONS && html`<p><button type="button" onClick=${() => set(all => [...all, newSection(all)])}>${t('new.add')}</button></p>`}`
}

const columns = ['name', 'price', 'blocks', 'rows', 'seats', 'lengths', 'aisles']

const columnName = (/** @type {string} */ column) => 'new.' + (column === 'name' ? 'section' : column)

/**
 * Cell is one field of the seating. On a phone its label stands beside it.
 * @param {{ name: string, id: string | number } & Record<string, unknown>} props
 */
function Cell({ name, id, ...input }) {
  const field = name + '-' + id, label = t(columnName(name)), help = ['lengths', 'aisles'].includes(name) ? t(`new.${name}.help`) : ''
  return html`<td data-label=${label} data-help=${help}><input aria-label=${label + ' ' + id} name=${field} ...${useRefused(field)} ...${input} /><${Refusal} name=${field} /></td>`
}
