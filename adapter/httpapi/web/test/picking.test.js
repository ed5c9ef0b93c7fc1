import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hall } from '../static/hall.js'
import { CLAIM_TIME, ownSeatsKnown, REREAD_TIME, taken, toggled } from '../static/picking.js'

const hallOf = () => new Hall({ sections: [{ name: 'A', price: { amount: 1, currency: 'EUR' },
  subsections: [1, 2].map(number => ({ number, rows: [{ row: 1, seats: [1, 2, 3, 4, 5] }] })) }] }).empty()

test('a free seat is picked, a picked one is let go', () => {
  const hall = hallOf()
  assert.deepEqual(toggled(hall, new Set(), hall.seat(0), 4), { add: 0, remove: [], message: undefined })
  assert.deepEqual(toggled(hall, new Set([0]), hall.seat(0), 4), { remove: [0] })
})

test('a seat that is not free is named, not picked', () => {
  const hall = hallOf()
  hall.status[1] = 2
  hall.status[2] = 3
  hall.status[3] = 1
  hall.mine.add(3)
  for (const [i, state] of [[1, 'sold'], [2, 'unknown'], [3, 'mine']])
    assert.deepEqual(toggled(hall, new Set(), hall.seat(i), 4), { remove: [], message: { key: 'pick.is', parts: { seat: hall.seat(i).id, state } } })
})

test('no more seats than a booking can have', () => {
  const hall = hallOf(), { add, message } = toggled(hall, new Set([0, 1]), hall.seat(2), 2)
  assert.equal(add, undefined)
  assert.deepEqual(message, { key: 'pick.max', parts: { n: 2 } })
})

test('a seat of another block replaces the picks, even a full set', () => {
  const hall = hallOf()
  assert.deepEqual(toggled(hall, new Set([0, 1]), hall.seat(5), 2), { add: 5, remove: [0, 1], message: { key: 'pick.block' } })
})

test('taken picks are the buyer\'s own or those of others', () => {
  const hall = hallOf()
  for (const i of [0, 1, 2]) hall.status[i] = 1
  hall.mine.add(1)
  assert.deepEqual(taken(hall, [0, 1, 2, 3], new Set([2])), { own: [1], others: [0] })
  hall.status[3] = 3 // unknown is not taken
  assert.deepEqual(taken(hall, [3], new Set()), { own: [], others: [] })
})

test('a seat is somebody else\'s only when all of the buyer\'s bookings are known', () => {
  const now = 100000, known = { since: now - CLAIM_TIME - 1, processing: false, uncertainAt: -Infinity, now }
  assert.ok(ownSeatsKnown(known))
  assert.ok(!ownSeatsKnown({ ...known, since: undefined }), 'the stream is away')
  assert.ok(!ownSeatsKnown({ ...known, since: now - CLAIM_TIME }), 'the stream may not have claimed it yet')
  assert.ok(!ownSeatsKnown({ ...known, processing: true }), 'a booking has no outcome yet')
  assert.ok(!ownSeatsKnown({ ...known, uncertainAt: now - 1000 }), 'an answer was lost since')
  assert.ok(ownSeatsKnown({ ...known, since: now - 20000, uncertainAt: now - REREAD_TIME - 1 }), 'the server has re-read all bookings since')
  assert.ok(ownSeatsKnown({ ...known, since: -Infinity }), 'a visitor has no bookings')
})
