// Local times and instants. A local time is what the clocks at a place show, as
// "2027-03-28T02:30"; an instant is a number of milliseconds since 1970. Once a year
// clocks skip an hour, and once they show one twice.

const MINUTE = 60000, DAY = 86400000 // ms

/** @type {Map<string, Intl.DateTimeFormat>} */
const clocks = new Map() // to make a format takes longer than to use it a hundred times

/** @param {string} zone */
function clock(zone) {
  let format = clocks.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
    clocks.set(zone, format)
  }
  return format
}

/**
 * offsetAt returns the offset of a zone from UTC at an instant, in ms. It throws a
 * RangeError if the browser does not know the zone.
 * @param {number} instant
 * @param {string} zone
 */
export function offsetAt(instant, zone) {
  const p = Object.fromEntries(clock(zone).formatToParts(instant).map(part => [part.type, Number(part.value)]))
  const shown = new Date(0)
  shown.setUTCFullYear(p.year, p.month - 1, p.day)
  shown.setUTCHours(p.hour, p.minute, p.second)
  return shown.getTime() - Math.floor(instant / 1000) * 1000
}

/**
 * instantsOf returns the instants at which the clocks of a zone show a time, earliest
 * first: one, or two when they are put back, or none when they skip it.
 * @param {number} shown the local time as if it were UTC
 * @param {string} zone
 * @returns {number[]}
 */
function instantsOf(shown, zone) {
  const offsets = new Set([offsetAt(shown - DAY, zone), offsetAt(shown + DAY, zone)])
  return [...offsets].map(offset => shown - offset).filter(instant => instant + offsetAt(instant, zone) === shown).sort((a, b) => a - b)
}

/**
 * The meaning of a local time in a zone.
 * @typedef {{ kind: 'empty' } | { kind: 'year' } | { kind: 'instant', instant: string }
 *   | { kind: 'skipped', before: string, after: string }
 *   | { kind: 'twice', choices: { instant: string, offset: string }[] }} LocalTime
 */

/**
 * resolve finds the instant that a local time means. A time that clocks skip comes
 * with the last minute before and the first one after; a time that they show twice
 * comes with both instants. A year of other than four digits cannot be sent.
 * @param {string} local the value of an input of the type datetime-local
 * @param {string} zone
 * @returns {LocalTime}
 */
export function resolve(local, zone) {
  const found = /^(\d{4,6})-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.exec(local)
  if (!found) return { kind: 'empty' }
  if (found[1].length > 4) return { kind: 'year' }
  const shown = Date.parse(local + 'Z')
  if (Number.isNaN(shown)) return { kind: 'empty' }
  const instants = instantsOf(shown, zone)
  if (instants.some(instant => new Date(instant).getUTCFullYear() > 9999)) return { kind: 'year' }
  if (instants.length === 0) return skipped(shown, zone)
  if (instants.length === 1) return { kind: 'instant', instant: iso(instants[0]) }
  return { kind: 'twice', choices: instants.map(instant => ({ instant: iso(instant), offset: offsetName(instant, zone) })) }
}

/**
 * @param {number} shown
 * @param {string} zone
 * @returns {LocalTime}
 */
function skipped(shown, zone) {
  // Clocks are put forward somewhere between these: the change is found by halves.
  let before = shown - DAY - offsetAt(shown - DAY, zone), after = shown + DAY - offsetAt(shown + DAY, zone)
  const old = offsetAt(before, zone)
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000
    if (offsetAt(middle, zone) === old) before = middle
    else after = middle
  }
  return { kind: 'skipped', before: local(after - MINUTE, zone), after: local(after, zone) }
}

/** @param {number} instant */
const iso = instant => new Date(instant).toISOString()

/**
 * local returns what the clocks of a zone show at an instant, to the minute.
 * @param {number} instant
 * @param {string} zone
 */
export const local = (instant, zone) => iso(instant + offsetAt(instant, zone)).slice(0, 16)

/**
 * offsetName returns a zone's offset at an instant, as "UTC+02:00".
 * @param {number} instant
 * @param {string} zone
 */
export function offsetName(instant, zone) {
  const minutes = Math.round(offsetAt(instant, zone) / MINUTE), size = Math.abs(minutes)
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0')
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/**
 * formatTime returns an instant as the clocks of a place show it. The zone is named if
 * it is not the viewer's own; the offset is there in the hour that clocks show twice.
 * A zone that the browser does not know is replaced by UTC.
 * @param {string} instant
 * @param {string} zone
 * @param {string} language
 * @param {string} [own] the viewer's zone
 */
export function formatTime(instant, zone, language, own = Intl.DateTimeFormat().resolvedOptions().timeZone) {
  const at = Date.parse(instant)
  /** @type {(zone: string) => string} */
  const show = zone => new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone: zone }).format(at)
  try {
    const twice = instantsOf(at + offsetAt(at, zone), zone).length > 1
    const names = [zone === own ? '' : zone, twice ? offsetName(at, zone) : ''].filter(Boolean)
    return names.length ? `${show(zone)} (${names.join(', ')})` : show(zone)
  } catch {
    return `${show('UTC')} (UTC)`
  }
}
