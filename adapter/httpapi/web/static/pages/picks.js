import { useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { isUncertain } from '../api.js'
import { t } from '../i18n.js'
import { CLAIM_TIME, ownSeatsKnown, taken, toggled } from '../picking.js'
import { tabStorage, withSeats } from '../ui.js'

/** @typedef {import('../hall.js').Hall} Hall */
/** @typedef {import('../hall.js').Seat} Seat */
/** @typedef {ReturnType<typeof usePicks>} Picks */

/**
 * usePicks keeps the seats that a buyer picks by hand. It keeps them in the tab, and
 * drops those that somebody else gets, with a message. since is when all bookings were
 * last told, and undefined while their stream is away.
 * @param {Api.Event} event
 * @param {Hall} hall
 * @param {Ref<import('../view.js').View>} view
 * @param {(message?: () => unknown) => void} say
 * @param {Api.Booking[]} bookings
 * @param {number | undefined} since
 */
export function usePicks(event, hall, view, say, bookings, since) {
  const stored = tabStorage('picked-' + event.id), picked = useRef(/** @type {Set<number>} */ (new Set())), restored = useRef(false), [, redraw] = useState(0)
  const requested = useRef(/** @type {Set<number>} */ (new Set())) // seats of a request on its way
  const uncertainAt = useRef(-Infinity), timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined | null} */ (undefined))
  const told = useRef(/** @type {{ since?: number, processing: boolean }} */ ({ processing: false }))
  told.current = { since, processing: bookings.some(b => b.status === 'processing') }
  /** @type {(seats: number[], act: 'add' | 'delete') => void} */
  const put = (seats, act) => {
    for (const i of seats) picked.current[act](i)
    stored.set([...picked.current].map(i => hall.seat(i).id))
    view.current?.changed(seats)
    redraw(n => n + 1)
  }
  const drop = (/** @type {number[]} */ seats) => put(seats, 'delete')
  const dropTaken = () => {
    const { own, others } = taken(hall, picked.current, requested.current)
    if (own.length) drop(own)
    if (others.length && timer.current === undefined) timer.current = setTimeout(dropOthers, CLAIM_TIME, others)
  }
  const dropOthers = (/** @type {number[]} */ seats) => {
    timer.current = undefined
    const { others } = taken(hall, seats.filter(i => picked.current.has(i)), requested.current)
    if (others.length && ownSeatsKnown({ ...told.current, uncertainAt: uncertainAt.current, now: performance.now() })) {
      drop(others)
      say(() => withSeats('pick.taken', others.map(i => hall.seat(i).id)))
    }
    dropTaken()
  }
  useEffect(dropTaken, [bookings])
  useEffect(() => () => { if (timer.current) clearTimeout(timer.current); timer.current = null }, []) // null: the page is gone
  return {
    picked: picked.current,
    seats: [...picked.current].map(i => hall.seat(i)),
    drop,

    // seatsChanged is called after the hall changed. The first time it returns the picks
    // that the tab had stored.
    seatsChanged() {
      /** @type {number[]} */
      let again = []
      if (!restored.current) {
        restored.current = true
        again = (stored.get() || []).map((/** @type {string} */ id) => hall.find(id)).filter((/** @type {number} */ i) => i >= 0)
        put(again, 'add')
      }
      dropTaken()
      return again
    },

    /** @param {Seat} seat */
    toggle(seat) {
      const { add, remove, message } = toggled(hall, picked.current, seat, event.max_tickets_per_booking)
      if (remove.length) drop(remove)
      if (add !== undefined) put([add], 'add')
      if (!message) return
      const { key, parts = {} } = message
      say(() => t(key, { ...parts, ...('state' in parts && { state: t('seat.' + parts.state) }) }))
    },

    /**
     * request sends a request for seats.
     * @param {() => Promise<void>} send
     */
    async request(send) {
      const these = requested.current = new Set(picked.current)
      const answered = () => {
        if (requested.current !== these) return // another request was sent meanwhile
        requested.current = new Set()
        dropTaken()
      }
      try {
        await send()
        answered()
      } catch (error) {
        if (isUncertain(error)) uncertainAt.current = performance.now()
        answered()
        throw error
      }
    },
  }
}
