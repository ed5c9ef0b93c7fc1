import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AVAILABLE, Hall, stateOf } from '../static/hall.js'

const price = { amount: 5000, currency: 'EUR' }
const rows = (...lengths) => lengths.map((n, i) => ({ row: i + 1, seats: Array.from({ length: n }, (_, k) => k + 1) }))

// Two sections: A has two blocks of 2 rows, 3 and 5 seats long; B has one row with an aisle after seat 2.
const layout = () => ({ sections: [
  { name: 'A', price, subsections: [{ number: 1, rows: rows(3, 5) }, { number: 2, rows: rows(3, 5) }] },
  { name: 'B', price, subsections: [{ number: 1, rows: [{ row: 1, seats: [1, 2, 4, 5] }] }] },
] })

const bitsOf = statuses => {
  const bytes = new Uint8Array(Math.ceil(statuses.length / 4))
  statuses.forEach((s, i) => { bytes[i >> 2] |= s << (2 * (i & 3)) })
  return Buffer.from(bytes).toString('base64')
}
const counts = (name, ...left) => ({ name, subsections: left.map((available, i) => ({ number: i + 1, available, reserved: 0, sold: 0 })) })

test('seats are counted in layout order, and found by id', () => {
  const hall = new Hall(layout())
  assert.equal(hall.count, 20)
  for (let i = 0; i < hall.count; i++) assert.equal(hall.find(hall.seat(i).id), i)
  assert.equal(hall.seat(3).id, 'A-1-2-1')
  assert.equal(hall.seat(18).id, 'B-1-1-4')
  assert.equal(hall.seat(18).position, '1-4')
  for (const id of ['A-1-1-4', 'B-1-1-3', 'C-1-1-1', 'A-3-1-1', '']) assert.equal(hall.find(id), -1, id)
})

test('every seat has a place of its own, inside its block and the hall', () => {
  const hall = new Hall(layout()), places = new Set()
  for (let i = 0; i < hall.count; i++) {
    const { x, y, block } = hall.seat(i)
    places.add(`${x} ${y}`)
    assert.equal(hall.at(x + 0.5, y + 0.5)?.index, i)
    assert.ok(x >= block.x && x + 1 <= block.x + block.width && x + 1 <= hall.width && y + 1 <= hall.height)
  }
  assert.equal(places.size, hall.count)
  for (const a of hall.blocks) for (const b of hall.blocks)
    assert.ok(a === b || a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y, `${a.name} overlaps ${b.name}`)
  assert.equal(hall.at(-1, -1), null)
})

test('a shorter row stands in the middle, unless there are aisles', () => {
  const hall = new Hall(layout())
  assert.equal(hall.blocks[0].rows[0].left, 1)
  const aisle = new Hall({ sections: [{ name: 'A', price, subsections: [{ number: 1, rows: [{ row: 1, seats: [1, 3] }, { row: 2, seats: [1, 3, 4, 5, 6] }] }] }] })
  assert.deepEqual(aisle.blocks[0].rows.map(r => r.left), [0, 0])
  const b = hall.seat(18)
  assert.equal(hall.at(b.x - 0.5, b.y + 0.5), null) // the aisle
})

test('a hall that no frame has described yet is unknown, not free', () => {
  const hall = new Hall(layout())
  assert.equal(stateOf(hall, new Set(), 0), 'unknown')
  assert.equal(hall.blocks[0].left, null)
  assert.equal(hall.taken(0), false)
  assert.deepEqual(hall.roomy('A', 1, 5), [])
})

test('a snapshot and changes set states and counts', () => {
  const hall = new Hall(layout()), statuses = Array(20).fill(0)
  statuses[1] = 1
  statuses[19] = 2
  assert.equal(hall.snapshot({ bits: bitsOf(statuses), count: 20, sections: [counts('A', 7, 8), counts('B', 3)] }), true)
  assert.deepEqual([...hall.status], statuses)
  assert.deepEqual(hall.blocks.map(b => b.left), [7, 8, 3])
  assert.deepEqual(hall.change({ changes: [[0, 2], [16, 1]], sections: [counts('A', 6, 8)] }), [0, 16])
  assert.equal(stateOf(hall, new Set(), 0), 'sold')
  assert.equal(stateOf(hall, new Set(), 16), 'reserved')
  assert.deepEqual(hall.blocks.map(b => b.left), [6, 8, 3])
})

test('a snapshot without a section says so, and its changes go to the right seats', () => {
  const hall = new Hall(layout())
  assert.equal(hall.snapshot({ bits: bitsOf([0, 2, 0, 0]), count: 4, sections: [counts('B', 3)] }), false)
  assert.equal(stateOf(hall, new Set(), 0), 'unknown')
  assert.equal(stateOf(hall, new Set(), 17), 'sold')
  assert.deepEqual(hall.change({ changes: [[3, 1]], sections: [] }), [19])
})

test('the state of a seat for its viewer', () => {
  const hall = new Hall(layout()).empty()
  hall.status[2] = 1
  hall.mine.add(2)
  assert.equal(stateOf(hall, new Set(), 2), 'mine')
  assert.equal(stateOf(hall, new Set([2]), 2), 'picked')
  assert.equal(hall.status[0], AVAILABLE)
})

test('seats near others: the same row first, free ones only, in layout order', () => {
  const hall = new Hall(layout()).empty()
  hall.status[hall.find('A-1-2-2')] = 1
  assert.deepEqual(hall.near([hall.find('A-1-2-3')], 3).map(s => s.id), ['A-1-2-1', 'A-1-2-3', 'A-1-2-4'])
})

test('blocks with room: of the section first, then by free seats', () => {
  const hall = new Hall(layout()).empty()
  hall.blocks[0].left = 2
  assert.deepEqual(hall.roomy('A', 2, 5).map(b => b.name), ['A-2', 'A-1', 'B-1'])
  assert.deepEqual(hall.roomy('B', 3, 5).map(b => b.name), ['B-1', 'A-2'])
  assert.deepEqual(hall.roomy('A', 2, 1).map(b => b.name), ['A-2'])
})

test('seats are together in one row without an aisle', () => {
  const hall = new Hall(layout()), of = (...ids) => hall.together(ids.map(id => hall.find(id)))
  assert.ok(of('A-1-2-2', 'A-1-2-1', 'A-1-2-3'))
  assert.ok(!of('A-1-2-1', 'A-1-2-3'))
  assert.ok(!of('B-1-1-2', 'B-1-1-4'))
  assert.ok(!of('A-1-1-1', 'A-1-2-2'))
  assert.ok(!of('A-1-1-1', 'A-2-1-2'))
})
