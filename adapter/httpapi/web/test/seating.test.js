import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOf, layoutOf, LIST, newGroup, newSection, seatingOf } from '../static/seating.js'

const money = price => ({ amount: Number(price) * 100, currency: 'EUR' })
const group = more => ({ ...newGroup(), blocks: '1', rows: '2', seats: '3', ...more })
const section = (...groups) => ({ name: 'A', price: '50', groups })

test('regular blocks are sent as numbers, and numbered through all groups', () => {
  assert.deepEqual(seatingOf([section(group({ blocks: '2' }), group({ rows: '1' }))], money), { sections: [{ name: 'A', price: 5000, subsections: [
    { number: 1, rows: 2, seats_per_row: 3 }, { number: 2, rows: 2, seats_per_row: 3 }, { number: 3, rows: 1, seats_per_row: 3 },
  ] }] })
})

test('rows of different lengths, and aisles, are sent row by row', () => {
  const [{ subsections }] = seatingOf([section(group({ lengths: '2, 4', aisles: '1' }))], money).sections
  assert.deepEqual(subsections, [{ number: 1, rows: [{ row: 1, seats: [1, 3] }, { row: 2, seats: [1, 3, 4, 5] }] }])
  const [alike] = seatingOf([section(group({ rows: '1', aisles: '1' }))], money).sections[0].subsections
  assert.deepEqual(alike, { number: 1, rows: [{ row: 1, seats: [1, 3, 4] }] })
})

test('an aisle leaves one number out, two at one place leave two', () => {
  const rows = aisles => layoutOf([section(group({ rows: '1', seats: '4', aisles }))], money).sections[0].subsections[0].rows[0].seats
  assert.deepEqual(rows('2'), [1, 2, 4, 5])
  assert.deepEqual(rows('2, 2'), [1, 2, 5, 6])
  assert.deepEqual(rows('9'), [1, 2, 3, 4])
  assert.deepEqual(rows('0'), [1, 2, 3, 4])
})

test('the count is that of the layout', () => {
  for (const groups of [[group()], [group({ blocks: '3' }), group({ lengths: '4;5 6' })], [group({ seats: '' })], [group({ rows: '-1' })]]) {
    const sections = [section(...groups)], made = layoutOf(sections, money).sections.flatMap(s => s.subsections.flatMap(b => b.rows.flatMap(r => r.seats)))
    assert.equal(countOf(sections), made.length)
  }
  assert.equal(countOf([section(group({ blocks: '99', rows: '9999', seats: '9999' }))]), 99 * 500 * 500) // never more than can be typed
})

test('blocks without rows are not drawn, nor sections without blocks', () => {
  assert.deepEqual(layoutOf([section(group({ seats: '0' }))], money), { sections: [] })
})

test('a new section has the first free letter', () => {
  assert.equal(newSection([{ name: 'A' }, { name: 'C' }]).name, 'B')
  assert.equal(newSection([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map(name => ({ name }))).name, '')
})

test('a list takes numbers up to 500', () => {
  const pattern = new RegExp(`^(?:${LIST})$`)
  for (const text of ['10', '10, 500; 007 12', '1,2']) assert.match(text, pattern)
  for (const text of ['10, 600', 'ten', '1.5', '-1', '501']) assert.doesNotMatch(text, pattern)
})
