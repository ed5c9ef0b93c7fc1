// Streams against a fake EventSource and a fake clock.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'

class FakeEventSource extends EventTarget {
  static CONNECTING = 0
  static OPEN = 1
  static CLOSED = 2
  static opened = []

  constructor(url) {
    super()
    this.url = url
    this.readyState = 0
    FakeEventSource.opened.push(this)
  }

  close() { this.readyState = 2 }
  accept() { this.readyState = 1; this.onopen?.() }
  send(kind, data) { this.dispatchEvent(Object.assign(new Event(kind), { data: JSON.stringify(data) })) }
  refuse() { this.readyState = 2; return this.onerror?.() }
  lose() { this.readyState = 0; return this.onerror?.() }
}

// A clock that goes on only when told, and chance that is always in the middle.
const timers = new Map()
let now = 0, ids = 0
const real = { setTimeout, clearTimeout, random: Math.random }
const pass = ms => {
  for (const until = now + ms; ;) {
    const [id, next] = [...timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? []
    if (!next || next.at > until) { now = until; return }
    timers.delete(id)
    now = next.at
    next.run()
  }
}

const page = Object.assign(new EventTarget(), { hidden: false })
Object.assign(globalThis, { EventSource: FakeEventSource, document: page, window: new EventTarget() })
const { follow } = await import('../static/live.js')
const { whyRefused } = await import('../static/livehall.js')
const { bookingsOf, madeAfter, merged } = await import('../static/mybookings.js')

const last = () => FakeEventSource.opened.at(-1)
let states, heard, end
const start = (more = {}) => {
  states = []
  heard = []
  end = follow('/stream?event_id=1', { on: (kind, data) => { heard.push([kind, data]) }, state: s => { states.push(s) }, ...more })
}

beforeEach(() => {
  FakeEventSource.opened = []
  page.hidden = false
  globalThis.setTimeout = (run, ms) => { timers.set(++ids, { at: now + ms, run }); return ids }
  globalThis.clearTimeout = id => { timers.delete(id) }
  Math.random = () => 0.5
})
afterEach(() => {
  end?.()
  end = undefined
  assert.equal(timers.size, 0, 'an ended stream leaves no timer')
  Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout })
  Math.random = real.random
})

test('snapshot, change and changes are handed on, and the stream is live', () => {
  start()
  assert.equal(last().url, '/stream?event_id=1&heartbeat=event')
  last().accept()
  assert.deepEqual(states, [], 'an open connection is not live yet')
  last().send('snapshot', { bookings: [] })
  last().send('change', { id: 'a' })
  last().send('changes', { bookings: [{ id: 'b' }, { id: 'c' }] })
  assert.deepEqual(heard, [['snapshot', { bookings: [] }], ['change', { id: 'a' }], ['changes', { bookings: [{ id: 'b' }, { id: 'c' }] }]])
  assert.deepEqual([...new Set(states)], ['live'])
})

test('a refused stream is opened again, at growing intervals', async () => {
  start()
  for (const pause of [500, 1000, 2000]) {
    const before = FakeEventSource.opened.length
    await last().refuse()
    assert.equal(states.at(-1), 'reconnecting')
    pass(pause - 1)
    assert.equal(FakeEventSource.opened.length, before)
    pass(1)
    assert.equal(FakeEventSource.opened.length, before + 1)
  }
})

test('a lost connection is left to the browser', async () => {
  start()
  await last().lose()
  assert.deepEqual(states, ['reconnecting'])
  pass(20000)
  assert.equal(FakeEventSource.opened.length, 1)
})

test('a refusal with a reason says so, and is tried again when the server says', async () => {
  start({ refused: async () => ({ state: 'reading', seconds: 2 }) })
  await last().refuse()
  assert.deepEqual(states, ['reconnecting', 'reading'])
  pass(2999)
  assert.equal(FakeEventSource.opened.length, 1)
  pass(1)
  assert.equal(FakeEventSource.opened.length, 2)
  await last().refuse()
  assert.deepEqual(states.slice(2), ['reading'], 'it does not flicker')
})

test('an incomplete snapshot is not live, and is asked for again', () => {
  start({ on: () => false })
  last().send('snapshot', {})
  assert.deepEqual(states, ['reading'])
  assert.equal(last().readyState, 2)
  pass(500)
  assert.equal(FakeEventSource.opened.length, 2)
})

test('a silent connection is opened anew', () => {
  start()
  last().accept()
  pass(39999)
  last().send('heartbeat', null)
  pass(39999)
  assert.equal(FakeEventSource.opened.length, 1)
  pass(1)
  assert.equal(FakeEventSource.opened.length, 2)
  assert.equal(FakeEventSource.opened[0].readyState, 2)
  assert.equal(states.at(-1), 'reconnecting')
})

test('a hidden page holds no stream', () => {
  start()
  page.hidden = true
  page.dispatchEvent(new Event('visibilitychange'))
  assert.equal(last().readyState, 2)
  pass(100000)
  assert.equal(FakeEventSource.opened.length, 1)
  page.hidden = false
  page.dispatchEvent(new Event('visibilitychange'))
  assert.equal(FakeEventSource.opened.length, 2)
})

test('an ended stream stays ended, even if its refusal is explained later', async () => {
  let explain
  start({ refused: () => new Promise(resolve => { explain = resolve }) })
  const refused = last().refuse()
  end()
  explain({ state: 'reading', seconds: 1 })
  await refused
  pass(100000)
  assert.equal(FakeEventSource.opened.length, 1)
  assert.deepEqual(states, ['reconnecting'])
})

test('why a map stream was refused', async () => {
  const answer = (status, body, headers) => { globalThis.fetch = async () => new Response(JSON.stringify(body), { status, headers }) }
  answer(503, { code: 'seats_unavailable' }, { 'Retry-After': '1' })
  assert.deepEqual(await whyRefused(1), { state: 'reading', seconds: 1 })
  answer(503, { code: 'seats_unavailable' })
  assert.deepEqual(await whyRefused(1), { state: 'reading', seconds: undefined })
  answer(503, { code: 'unavailable' })
  assert.equal(await whyRefused(1), undefined)
  answer(200, { sections: [] })
  assert.equal(await whyRefused(1), undefined)
  globalThis.fetch = async () => { throw new TypeError('no network') }
  assert.equal(await whyRefused(1), undefined)
})

const booking = (id, second, revision = 1) => ({ id, revision, created_at: `2027-01-01T00:00:${String(second).padStart(2, '0')}Z` })

test('bookings of each frame', () => {
  assert.deepEqual(bookingsOf('snapshot', { bookings: [1, 2] }), [1, 2])
  assert.deepEqual(bookingsOf('change', { id: 'a', message: 'seats_held' }), [{ id: 'a', message: 'seats_held' }])
  assert.deepEqual(bookingsOf('changes', { bookings: [{ id: 'a', message: 'no_seats' }] }), [{ id: 'a', message: 'no_seats' }])
})

test('bookings are merged by revision, newest first', () => {
  const list = merged([booking('a', 1, 5), booking('b', 2)], [booking('a', 1, 4), booking('c', 3), booking('b', 2, 2)])
  assert.deepEqual(list.map(b => [b.id, b.revision]), [['c', 1], ['b', 2], ['a', 5]])
})

test('a booking that a truncated snapshot left out was not made since', () => {
  const snapshot = { bookings: [booking('d', 9), booking('c', 8)], truncated: true }
  assert.deepEqual([booking('a', 1), booking('c', 8), booking('e', 10)].map(madeAfter(snapshot)), [false, false, true])
  assert.deepEqual([booking('a', 1), booking('c', 8)].map(madeAfter({ ...snapshot, truncated: false })), [true, false])
  assert.equal(madeAfter({ bookings: [] })(booking('a', 1)), true)
})
