// Texts in the user's language, times and money by Intl.
import en from './texts/en.js'
import zhHant from './texts/zh-Hant.js'

const texts = { en, 'zh-Hant': zhHant }

let language = navigator.language.startsWith('zh') ? 'zh-Hant' : 'en'
try {
  const chosen = localStorage.getItem('language')
  if (chosen in texts) language = chosen
} catch { /* a browser may keep nothing */ }

export const lang = () => language

export function setLanguage(to) {
  language = to
  try { localStorage.setItem('language', to) } catch { /* then it is asked for again */ }
  document.documentElement.lang = to
}

setLanguage(language)

// t is a text with its {parts} filled in.
export function t(key, parts = {}) {
  const text = texts[language][key] ?? texts.en[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole)
}

// has tells whether there is such a text.
export const has = key => key in texts.en

// formats are kept: to make one takes longer than to use it a hundred times.
const formats = new Map()

function format(options) {
  const key = language + JSON.stringify(options)
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, options))
  return formats.get(key)
}

export const number = n => format().format(n)

export function money(m) {
  if (!m) return '–'
  // The API's minor units are those of ISO 4217; Intl shows some without them.
  const digits = iso4217(m.currency), shown = m.amount % 10 ** digits ? digits : 0
  return format({ style: 'currency', currency: m.currency, minimumFractionDigits: shown, maximumFractionDigits: shown }).format(m.amount / 10 ** digits)
}

const odd = {
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
}

// iso4217 is the number of digits of a currency's minor unit.
export const iso4217 = currency => odd[currency] ?? 2

// when is a time as the clocks of a place show it, which is named if it is not
// here. A place that the browser does not know has UTC.
export function when(iso, timeZone) {
  const show = zone => new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone: zone }).format(new Date(iso))
  try {
    return timeZone === Intl.DateTimeFormat().resolvedOptions().timeZone ? show(timeZone) : `${show(timeZone)} (${timeZone})`
  } catch {
    return `${show('UTC')} (UTC)`
  }
}

export const shortly = iso => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))

// listed is a list of names in a sentence.
export const listed = names => names.join(t('list.between'))

// said is what a person is told of an error.
export function said(error) {
  if (error?.errors?.length) return error.errors.map(e => `${field(e.pointer)}: ${wrong(e)}`).join('\n')
  for (const of of ['error.', 'booking.']) if (error?.code && has(of + error.code)) return t(of + error.code)
  return error?.message || String(error)
}

// wrong says what is wrong with a field: in its own words, if it has some.
function wrong({ code, pointer, detail }) {
  const key = 'wrong.' + code, own = key + '.' + pointer.split('/').at(-1)
  return has(own) ? t(own) : has(key) ? t(key) : detail
}

// field names what a JSON pointer points at; places in lists are counted from 1.
const field = pointer => pointer.split('/').slice(1).map(p => /^\d+$/.test(p) ? Number(p) + 1 : has('field.' + p) ? t('field.' + p) : p).join(' › ')
