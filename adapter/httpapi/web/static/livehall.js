// A hall that is followed live.
import { useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js'
import { Hall } from './hall.js'
import { follow } from './live.js'

const PAGE = 250 // ms between two draws of the page itself; the canvas has its own

export const useHall = layout => useMemo(() => new Hall(layout, innerWidth < 900 ? 0.9 : 1.8), [layout])

// useLive follows the live map of an event into a hall and answers the state of
// the stream. heard is called after seats changed.
export function useLive(event, hall, view, heard) {
  const [state, setState] = useState(), [, redraw] = useState(0), told = useRef()
  told.current = heard
  useEffect(() => {
    let end, again, later
    const open = () => follow(`/v1/events/${event.id}/seats/stream?format=bits`, (kind, data) => {
      let changed
      if (kind === 'snapshot') {
        clearTimeout(again)
        // An event that was opened a moment ago may not have all its sections.
        if (!hall.snapshot(data)) again = setTimeout(() => { end(); end = open() }, 500)
      } else changed = hall.change(data)
      view.current?.changed(changed)
      told.current?.()
      later ||= setTimeout(() => { later = 0; redraw(n => n + 1) }, PAGE)
    }, setState)
    end = open()
    return () => { clearTimeout(again); clearTimeout(later); end() }
  }, [hall])
  useEffect(() => { // the map shows prices
    for (const s of event.sections) hall.section(s.name).price = s.price
    view.current?.ask()
  }, [event, hall])
  return state
}
