// Money in minor units, as the API has it. No page logic here, and no sum by floats.

// Digits of a currency's minor unit by ISO 4217, where they are not two. Intl shows
// some currencies with fewer.
/** @type {Record<string, number>} */
const digits = {
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, CLF: 4, UYW: 4,
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
}

/**
 * minorDigits returns the number of digits of a currency's minor unit.
 * @param {string} currency
 */
export const minorDigits = currency => digits[currency] ?? 2

/**
 * smallest returns one minor unit as a decimal number: "0.01" for EUR, "1" for JPY.
 * @param {string} currency
 */
export const smallest = currency => decimal({ amount: 1, currency })

/**
 * minorUnits returns a decimal number, as typed, in minor units, or NaN if it is not
 * one. Digits beyond the minor unit are rounded.
 * @param {string} text
 * @param {string} currency
 */
export function minorUnits(text, currency) {
  const found = /^(\d*)(?:\.(\d*))?$/.exec(text.trim())
  if (!found || !(found[1] || found[2])) return NaN
  const n = minorDigits(currency), fraction = (found[2] || '').padEnd(n + 1, '0')
  return Number((found[1] || '0') + fraction.slice(0, n)) + (fraction[n] >= '5' ? 1 : 0)
}

/**
 * decimal returns an amount as a decimal number, for an input: "19.90".
 * @param {Api.Money} money
 */
export function decimal({ amount, currency }) {
  const n = minorDigits(currency), text = String(amount).padStart(n + 1, '0')
  return n ? text.slice(0, -n) + '.' + text.slice(-n) : text
}

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map() // to make a format takes longer than to use it a hundred times

/**
 * formatMoney returns an amount as people write it, without ".00".
 * @param {Api.Money} money
 * @param {string} language
 */
export function formatMoney({ amount, currency }, language) {
  const n = minorDigits(currency), shown = amount % 10 ** n ? n : 0, key = [language, currency, shown].join()
  let format = formats.get(key)
  if (!format) formats.set(key, format = new Intl.NumberFormat(language, { style: 'currency', currency, minimumFractionDigits: shown, maximumFractionDigits: shown }))
  return format.format(amount / 10 ** n)
}
