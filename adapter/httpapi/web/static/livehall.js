// A hall whose seats are followed live.
import { useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js'
import { get, Problem } from './api.js'
import { Hall } from './hall.js'
import { follow } from './live.js'

const REDRAW = 250 // ms between two draws of the page; the canvas draws on its own
const ARCHIVED = 600 // s between two attempts on a page that was open when its event was archived

/** @param {Api.Layout} layout */
export const useHall = layout => useMemo(() => new Hall(layout, innerWidth < 900 ? 0.9 : 1.8), [layout])

/**
 * whyRefused finds out why a map stream was refused: EventSource does not say. Seats
 * that are still being read are no fault.
 * @param {number} event
 * @returns {Promise<{ state: StreamState, seconds?: number } | undefined>}
 */
export async function whyRefused(event) {
  try {
    await get(`/v1/events/${event}/seats`)
  } catch (error) {
    if (!(error instanceof Problem)) return
    if (error.code === 'seats_unavailable') return { state: 'reading', seconds: error.retryAfter }
    if (error.code === 'event_archived') return { state: 'reconnecting', seconds: ARCHIVED }
  }
}

/**
 * useLiveSeats follows the live map of an event into a hall and returns the state of
 * the stream. changed is called after seats changed. An archived event has no live
 * seats, so nothing is missing of them.
 * @param {Api.Event} event
 * @param {Hall} hall
 * @param {Ref<import('./view.js').View>} view
 * @param {() => void} [changed]
 */
export function useLiveSeats(event, hall, view, changed) {
  const [state, setState] = useState(/** @type {StreamState} */ ('connecting')), [, redraw] = useState(0), latest = useRef(changed)
  latest.current = changed
  const archived = event.status === 'archived'
  useEffect(() => {
    if (archived) {
      setState('live')
      return
    }
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    const end = follow(`/v1/events/${event.id}/seats/stream?format=bits`, {
      on(kind, data) {
        let indexes, complete = true
        if (kind === 'snapshot') complete = hall.snapshot(data)
        else indexes = hall.change(data)
        view.current?.changed(indexes)
        latest.current?.()
        timer ??= setTimeout(() => { timer = undefined; redraw(n => n + 1) }, REDRAW)
        return complete
      },
      state: setState,
      refused: () => whyRefused(event.id),
    })
    return () => { clearTimeout(timer); end() }
  }, [hall, archived])
  useEffect(() => { // the map shows prices
    for (const { name, price } of event.sections) {
      const section = hall.section(name)
      if (section) section.price = price
    }
    view.current?.ask()
  }, [event, hall])
  return state
}
