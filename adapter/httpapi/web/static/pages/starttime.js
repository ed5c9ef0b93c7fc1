import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { t } from '../i18n.js'
import { resolve } from '../time.js'
import { Field, Refusal } from '../ui.js'

/**
 * chosenInstant returns the instant that the fields of StartTime mean, or undefined if
 * they mean none, or if the choice between two is still open.
 * @param {Record<string, string>} values of the form
 */
export function chosenInstant({ starts, time_zone: zone, starts_at: chosen }) {
  const meaning = resolve(starts, zone)
  if (meaning.kind === 'instant') return meaning.instant
  if (meaning.kind === 'twice') return meaning.choices.find(c => c.instant === chosen)?.instant
}

/**
 * StartTime asks when an event begins, by the clocks at its venue. It refuses a time
 * that those clocks skip and offers its neighbours; it asks which one is meant if they
 * show it twice.
 * @param {{ was: Record<string, string>, zones: string[], changed: () => void }} props
 */
export function StartTime({ was, zones, changed }) {
  const [starts, setStarts] = useState(was.starts || ''), [zone, setZone] = useState(was.time_zone)
  const box = useRef(/** @type {HTMLElement | null} */ (null)), input = () => /** @type {HTMLInputElement | null | undefined} */ (box.current?.querySelector('[name=starts]'))
  const meaning = resolve(starts, zone), clock = starts.slice(11, 16)
  const refusal = meaning.kind === 'year' ? t('new.year') : meaning.kind === 'skipped' ? t('new.skipped', { time: clock, zone }) : ''
  useEffect(() => input()?.setCustomValidity(refusal), [refusal]) // keeps the form from being sent
  useEffect(changed, [starts, zone]) // after the choice has been drawn
  /** @param {string} local */
  const use = local => {
    const field = input()
    if (!field) return
    field.value = local
    field.focus()
    setStarts(local)
  }
  // A neighbour may be on another day.
  const named = (/** @type {string} */ local) => local.slice(0, 10) === starts.slice(0, 10) ? local.slice(11) : local.replace('T', ' ')
  const offer = (/** @type {string} */ local) => html`<button type="button" key=${local} onClick=${() => use(local)}>${t('new.use', { time: named(local) })}</button>`
  return html`<div class="start-time" ref=${box} data-together>
    <${Field} name="starts" label=${t('new.starts')} type="datetime-local" required defaultValue=${was.starts} onInput=${(/** @type {any} */ e) => setStarts(e.target.value)} />
    ${refusal && html`<div class="failed" role="alert"><p>${refusal}</p>${meaning.kind === 'skipped' && html`<p class="acts-of">${offer(meaning.before)} ${offer(meaning.after)}</p>`}</div>`}
    ${meaning.kind === 'twice' && html`<fieldset class="box" key=${starts + zone}><legend>${t('new.twice', { time: clock, zone })}</legend>
      <div class="choices">${meaning.choices.map((c, i) => html`<label key=${c.instant}><input type="radio" name="starts_at" value=${c.instant} required defaultChecked=${was.starts_at === c.instant} /> ${t(i === 0 ? 'new.first' : 'new.second', { offset: c.offset })}</label>`)}</div>
    </fieldset>`}
    <label class="field"><span>${t('new.zone')}</span><select name="time_zone" onChange=${(/** @type {any} */ e) => setZone(e.target.value)}>${zones.map(z => html`<option key=${z} value=${z} selected=${z === zone}>${z}</option>`)}</select><${Refusal} name="time_zone" /></label>
  </div>`
}
