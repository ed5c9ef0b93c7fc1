// A buyer's bookings, followed live.
import { useEffect, useRef, useState } from './vendor/htm-preact.js'
import { checkSession } from './api.js'
import { follow } from './live.js'

/** @param {Api.Booking} b */
export const isActive = b => b.status === 'processing' || b.status === 'pending_payment'

/**
 * What the stream has told so far. since is when it last told all bookings, by
 * performance.now(), and undefined while the stream is away. truncated is set if the
 * snapshot left out older bookings. made reports whether a booking was made after the
 * first snapshot.
 * @typedef {{ since?: number, truncated: boolean, made: (b: Api.Booking) => boolean }} Told
 */

/**
 * useBookings follows the bookings of a stream, if there is a url. It returns them,
 * newest first, with the state of the stream, a function that takes bookings known
 * from elsewhere, such as the answer to a request, and what the stream has told.
 * @param {string | false} url
 * @param {Api.Booking[]} found
 * @returns {[Api.Booking[], StreamState, (news: Api.Booking[]) => void, Told]}
 */
export function useBookings(url, found = []) {
  const [list, set] = useState(found), [state, setState] = useState(/** @type {StreamState} */ ('connecting'))
  const [since, setSince] = useState(/** @type {number | undefined} */ (undefined)), [truncated, setTruncated] = useState(false)
  const first = useRef(/** @type {ReturnType<typeof madeAfter> | undefined} */ (undefined))
  const take = (/** @type {Api.Booking[]} */ news) => set(old => merged(old, news))
  useEffect(() => {
    if (!url) return
    first.current = undefined
    const end = follow(url, {
      on(kind, data) {
        take(bookingsOf(kind, data))
        if (kind !== 'snapshot') return
        first.current ??= madeAfter(data)
        setTruncated(Boolean(data.truncated))
        setSince(performance.now())
      },
      state(state) {
        setState(state)
        if (state !== 'live') setSince(undefined)
      },
      refused: checkSession,
    })
    return () => { end(); set([]); setSince(undefined); setTruncated(false) }
  }, [url])
  return [list, state, take, { since, truncated, made: b => Boolean(first.current?.(b)) }]
}

/**
 * bookingsOf returns the bookings of a frame.
 * @param {import('./live.js').Kind} kind
 * @param {any} data Api.BookingsSnapshot, Api.BookingChange or Api.BookingChanges
 * @returns {Api.Booking[]}
 */
export const bookingsOf = (kind, data) => kind === 'change' ? [data] : data.bookings

/**
 * merged returns the bookings of both lists, newest first, each at its last revision.
 * @param {Api.Booking[]} old
 * @param {Api.Booking[]} news
 */
export function merged(old, news) {
  const byID = new Map(old.map(b => [b.id, b]))
  for (const b of news) {
    const known = byID.get(b.id)
    if (!known || known.revision <= b.revision) byID.set(b.id, b)
  }
  return [...byID.values()].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at))
}

/**
 * madeAfter returns a function that reports whether a booking was made after a
 * snapshot. A truncated snapshot lacks older bookings; those were made before it.
 * @param {Api.BookingsSnapshot} snapshot
 * @returns {(b: Api.Booking) => boolean}
 */
export function madeAfter({ bookings, truncated }) {
  const known = new Set(bookings.map(b => b.id)), oldest = truncated ? Math.min(...bookings.map(b => Date.parse(b.created_at))) : -Infinity
  return b => !known.has(b.id) && Date.parse(b.created_at) >= oldest
}
