// Which seats are picked by hand, and which of them are lost to others. No page logic
// here.
import { AVAILABLE, stateOf } from './hall.js'

/** @typedef {import('./hall.js').Hall} Hall */
/** @typedef {import('./hall.js').Seat} Seat */

// The map may tell of a seat before the stream of bookings tells whose it is.
export const CLAIM_TIME = 2000 // ms that the stream has to claim a seat for the buyer
export const REREAD_TIME = 12000 // ms after which the stream has told of every booking: the server re-reads them each 10 s

/**
 * toggled returns the seats to add and to remove when a seat is pressed, and a message
 * as a key of the texts with its parts. The seats of a booking are in one block.
 * @param {Hall} hall
 * @param {Set<number>} picked
 * @param {Seat} seat
 * @param {number} most
 * @returns {{ add?: number, remove: number[], message?: { key: string, parts?: Record<string, unknown> } }}
 */
export function toggled(hall, picked, seat, most) {
  const state = stateOf(hall, picked, seat.index)
  if (state === 'picked') return { remove: [seat.index] }
  if (hall.status[seat.index] !== AVAILABLE) return { remove: [], message: { key: 'pick.is', parts: { seat: seat.id, state } } }
  const elsewhere = [...picked].filter(i => hall.blockOf(i) !== seat.block)
  if (picked.size - elsewhere.length >= most) return { remove: elsewhere, message: { key: 'pick.max', parts: { n: most } } }
  return { add: seat.index, remove: elsewhere, message: elsewhere.length ? { key: 'pick.block' } : undefined }
}

/**
 * taken splits the picked seats that are no longer free: the buyer's own, by a booking
 * that is known, and those of others, as far as anybody can tell. Seats of a request
 * on its way are left out: its answer will tell.
 * @param {Hall} hall
 * @param {Iterable<number>} picked
 * @param {Set<number>} requested
 */
export function taken(hall, picked, requested) {
  const gone = [...picked].filter(i => hall.taken(i))
  return { own: gone.filter(i => hall.mine.has(i)), others: gone.filter(i => !hall.mine.has(i) && !requested.has(i)) }
}

/**
 * ownSeatsKnown reports whether every booking of the buyer that may have seats is
 * known, so that a seat taken by none of them is somebody else's. All times are those
 * of performance.now().
 * @param {{ since?: number, processing: boolean, uncertainAt: number, now: number }} known
 *   since: when the stream last told all bookings, undefined while it is away;
 *   processing: whether a booking has no outcome yet;
 *   uncertainAt: when an answer was lost last
 */
export function ownSeatsKnown({ since, processing, uncertainAt, now }) {
  return since !== undefined && since + CLAIM_TIME < now && !processing && (since > uncertainAt || uncertainAt + REREAD_TIME < now)
}
