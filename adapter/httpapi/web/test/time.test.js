import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime, local, offsetName, resolve } from '../static/time.js'

const instant = iso => ({ kind: 'instant', instant: iso + ':00.000Z' })

test('a local time is an instant', () => {
  for (const [time, zone, want] of [
    ['2027-01-01T19:30', 'Europe/Berlin', '2027-01-01T18:30'], ['2027-07-01T19:30', 'Europe/Berlin', '2027-07-01T17:30'], ['2027-07-01T19:30', 'Asia/Taipei', '2027-07-01T11:30'],
    ['2027-03-28T01:59', 'Europe/Berlin', '2027-03-28T00:59'], ['2027-03-28T03:00', 'Europe/Berlin', '2027-03-28T01:00'], ['2027-10-31T01:59', 'Europe/Berlin', '2027-10-30T23:59'],
    ['2027-10-31T03:00', 'Europe/Berlin', '2027-10-31T02:00'], ['2027-01-01T00:00', 'Asia/Kathmandu', '2026-12-31T18:15'], ['2028-02-29T12:00', 'UTC', '2028-02-29T12:00'],
    ['2027-01-01T19:30', 'Pacific/Kiritimati', '2027-01-01T05:30'], ['2027-01-01T19:30', 'Pacific/Pago_Pago', '2027-01-02T06:30'],
  ]) assert.deepEqual(resolve(time, zone), instant(want), `${time} ${zone}`)
})

test('a time that clocks skip comes with its neighbours', () => {
  for (const [time, zone, before, after] of [
    ['2027-03-28T02:30', 'Europe/Berlin', '2027-03-28T01:59', '2027-03-28T03:00'], ['2027-03-28T02:00', 'Europe/Berlin', '2027-03-28T01:59', '2027-03-28T03:00'],
    ['2027-03-28T02:59', 'Europe/Berlin', '2027-03-28T01:59', '2027-03-28T03:00'], ['2027-03-14T02:30', 'America/New_York', '2027-03-14T01:59', '2027-03-14T03:00'],
    ['2027-10-03T02:15', 'Australia/Lord_Howe', '2027-10-03T01:59', '2027-10-03T02:30'], // half an hour
    ['2026-03-29T00:30', 'Asia/Beirut', '2026-03-28T23:59', '2026-03-29T01:00'], // midnight
    ['2011-12-30T12:00', 'Pacific/Apia', '2011-12-29T23:59', '2011-12-31T00:00'], // a whole day
  ]) assert.deepEqual(resolve(time, zone), { kind: 'skipped', before, after }, `${time} ${zone}`)
})

test('a time that clocks show twice comes with both instants', () => {
  assert.deepEqual(resolve('2027-10-31T02:30', 'Europe/Berlin'), { kind: 'twice', choices: [
    { instant: '2027-10-31T00:30:00.000Z', offset: 'UTC+02:00' }, { instant: '2027-10-31T01:30:00.000Z', offset: 'UTC+01:00' }] })
  assert.deepEqual(resolve('2027-11-07T01:30', 'America/New_York'), { kind: 'twice', choices: [
    { instant: '2027-11-07T05:30:00.000Z', offset: 'UTC-04:00' }, { instant: '2027-11-07T06:30:00.000Z', offset: 'UTC-05:00' }] })
  assert.deepEqual(resolve('2027-04-04T01:45', 'Australia/Lord_Howe').choices.map(c => c.offset), ['UTC+11:00', 'UTC+10:30'])
  for (const edge of ['2027-10-31T02:00', '2027-10-31T02:59']) assert.equal(resolve(edge, 'Europe/Berlin').kind, 'twice', edge)
})

test('every minute of a year is an instant that shows it, in zones of all kinds', () => {
  for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'America/Santiago', 'Asia/Taipei'])
    for (let at = Date.UTC(2027, 0, 1); at < Date.UTC(2028, 0, 1); at += 47 * 60000) {
      const shown = local(at, zone), meaning = resolve(shown, zone)
      const instants = meaning.kind === 'twice' ? meaning.choices.map(c => c.instant) : [meaning.instant]
      assert.ok(instants.includes(new Date(at).toISOString()), `${zone} ${shown}: ${JSON.stringify(meaning)}`)
    }
})

test('a year of other than four digits is refused', () => {
  for (const [time, zone] of [['12027-03-28T02:30', 'Europe/Berlin'], ['275760-09-13T00:00', 'UTC'], ['9999-12-31T23:30', 'America/New_York']]) assert.deepEqual(resolve(time, zone), { kind: 'year' }, time)
  assert.deepEqual(resolve('9999-12-31T23:30', 'UTC'), instant('9999-12-31T23:30'))
  assert.equal(resolve('0027-01-01T00:00', 'UTC').instant, '0027-01-01T00:00:00.000Z')
})

test('half a time is no time yet', () => {
  for (const text of ['', '2027-03-28', '2027-13-01T00:00', 'tomorrow', '2027-03-28T25:00']) assert.deepEqual(resolve(text, 'UTC'), { kind: 'empty' }, text)
})

test('an instant is shown by the clocks of its place', () => {
  const show = (iso, zone, language = 'en', own = 'UTC') => formatTime(iso, zone, language, own).replace(/\u202f/g, ' ')
  assert.equal(show('2027-01-01T12:00:00Z', 'Asia/Taipei'), 'Friday, January 1, 2027 at 8:00 PM (Asia/Taipei)')
  assert.equal(show('2027-01-01T12:00:00Z', 'Asia/Taipei', 'en', 'Asia/Taipei'), 'Friday, January 1, 2027 at 8:00 PM')
  assert.equal(show('2027-10-31T00:30:00Z', 'Europe/Berlin'), 'Sunday, October 31, 2027 at 2:30 AM (Europe/Berlin, UTC+02:00)')
  assert.equal(show('2027-10-31T01:30:00Z', 'Europe/Berlin', 'en', 'Europe/Berlin'), 'Sunday, October 31, 2027 at 2:30 AM (UTC+01:00)')
  assert.equal(show('2027-10-31T02:30:00Z', 'Europe/Berlin', 'en', 'Europe/Berlin'), 'Sunday, October 31, 2027 at 3:30 AM')
  assert.equal(show('2027-01-01T12:00:00Z', 'Mars/Olympus'), 'Friday, January 1, 2027 at 12:00 PM (UTC)')
  assert.match(show('2027-01-01T12:00:00Z', 'Asia/Taipei', 'zh-Hant'), /2027年1月1日/)
})

test('offsets are named', () => {
  assert.equal(offsetName(0, 'UTC'), 'UTC+00:00')
  assert.equal(offsetName(Date.UTC(2027, 0, 1), 'Asia/Kathmandu'), 'UTC+05:45')
  assert.equal(offsetName(Date.UTC(2027, 0, 1), 'America/St_Johns'), 'UTC-03:30')
})
