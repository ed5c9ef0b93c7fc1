import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decimal, formatMoney, minorDigits, minorUnits, smallest } from '../static/money.js'

test('minor units by ISO 4217', () => {
  for (const [currency, digits, unit] of [['EUR', 2, '0.01'], ['TWD', 2, '0.01'], ['JPY', 0, '1'], ['KRW', 0, '1'], ['KWD', 3, '0.001']]) {
    assert.equal(minorDigits(currency), digits, currency)
    assert.equal(smallest(currency), unit, currency)
  }
})

test('what is typed becomes minor units, without floats', () => {
  for (const [text, currency, amount] of [['19.99', 'EUR', 1999], ['1.005', 'EUR', 101], ['1.10', 'EUR', 110], ['.5', 'EUR', 50], ['5.', 'EUR', 500], ['0.07', 'EUR', 7],
    ['4503599627370.49', 'EUR', 450359962737049], ['200', 'JPY', 200], ['0.5', 'JPY', 1], ['1.234', 'KWD', 1234], ['8.2', 'KWD', 8200]])
    assert.equal(minorUnits(text, currency), amount, `${text} ${currency}`)
  for (const text of ['', '.', '1,5', '-1', '1e3', 'ten']) assert.ok(Number.isNaN(minorUnits(text, 'EUR')), text)
})

test('minor units become what can be typed', () => {
  for (const [amount, currency, text] of [[1999, 'EUR', '19.99'], [5, 'EUR', '0.05'], [200000, 'TWD', '2000.00'], [200, 'JPY', '200'], [1, 'KWD', '0.001']]) {
    assert.equal(decimal({ amount, currency }), text)
    assert.equal(minorUnits(text, currency), amount)
  }
})

test('money as people write it', () => {
  for (const [amount, currency, language, text] of [[200000, 'TWD', 'en', 'NT$2,000'], [200000, 'TWD', 'zh-Hant', '$2,000'], [5050, 'EUR', 'en', '€50.50'], [5000, 'EUR', 'en', '€50'], [1234, 'KWD', 'en', 'KWD 1.234'], [500, 'JPY', 'en', '¥500']])
    assert.equal(formatMoney({ amount, currency }, language).replace(/\u00a0/g, ' '), text)
})
