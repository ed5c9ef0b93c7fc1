// Texts in the user's language; times, numbers and money in its formats.
import { formatMoney } from './money.js'
import en from './texts/en.js'
import zhHant from './texts/zh-Hant.js'
import { formatTime } from './time.js'

/** @type {Record<string, Record<string, string>>} */
const texts = { en, 'zh-Hant': zhHant }

let language = navigator.language.startsWith('zh') ? 'zh-Hant' : 'en'
try {
  const chosen = localStorage.getItem('language')
  if (chosen && chosen in texts) language = chosen
} catch { /* the browser stores nothing */ }

export const lang = () => language

/** @param {string} to */
export function setLanguage(to) {
  language = to
  try { localStorage.setItem('language', to) } catch { /* then the choice is lost with the tab */ }
  document.documentElement.lang = to
}

setLanguage(language)

/**
 * t returns a text with its {parts} filled in.
 * @param {string} key
 * @param {Record<string, unknown>} [parts]
 */
export function t(key, parts = {}) {
  const text = texts[language][key] ?? texts.en[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(parts[name] ?? whole))
}

/** @param {string} key */
export const has = key => key in texts.en

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map() // to make a format takes longer than to use it a hundred times

/** @param {number} n */
export function number(n) {
  let format = formats.get(language)
  if (!format) formats.set(language, format = new Intl.NumberFormat(language))
  return format.format(n)
}

/** @param {Api.Money | null | undefined} m */
export const money = m => m ? formatMoney(m, language) : '–'

/**
 * when returns an instant as the clocks of a place show it.
 * @param {string} iso
 * @param {string} zone
 */
export const when = (iso, zone) => formatTime(iso, zone, language)

/**
 * shortly returns an instant by the viewer's clock.
 * @param {string} iso
 */
export const shortly = iso => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))

/**
 * listed returns names as a list in a sentence.
 * @param {string[]} names
 */
export const listed = names => names.join(t('list.between'))

/**
 * errorText returns what a person is told of an error.
 * @param {any} error
 * @returns {string}
 */
export function errorText(error) {
  if (error?.errors?.length) return error.errors.map((/** @type {Api.FieldProblem} */ e) => fieldError(e)).join('\n')
  for (const group of ['error.', 'booking.']) if (error?.code && has(group + error.code)) return t(group + error.code)
  return error?.message || String(error)
}

/** @param {Api.FieldProblem} problem */
const fieldError = problem => t('list.field', { field: fieldName(problem.pointer), problem: problemText(problem) })

/**
 * problemText says what a field must be. Some fields have texts of their own.
 * @param {Api.FieldProblem} problem
 */
export function problemText({ code, pointer, detail }) {
  const key = 'wrong.' + code, own = key + '.' + pointer.split('/').at(-1)
  return has(own) ? t(own) : has(key) ? t(key) : detail
}

/**
 * fieldName returns the name of the field that a JSON pointer points at, such as
 * "Section 2, Name". Places in lists are counted from 1.
 * @param {string} pointer
 */
const fieldName = pointer => {
  const parts = pointer.replace(/^\/seating(?=\/)/, '').split('/').slice(1).map(p => /^\d+$/.test(p) ? ' ' + (Number(p) + 1) : t('list.between') + (has('field.' + p) ? t('field.' + p) : p))
  return parts.join('').slice(t('list.between').length)
}
