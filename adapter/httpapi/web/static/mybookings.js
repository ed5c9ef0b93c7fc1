// A buyer's bookings, followed live.
import { useEffect, useRef, useState } from './vendor/htm-preact.js'
import { whoIs } from './api.js'
import { follow } from './live.js'

export const isActive = b => b.status === 'processing' || b.status === 'pending_payment'

// useBookings follows the bookings of a stream, if there is a url:
// [newest first, state of the stream, take, told]. take takes what is known from
// elsewhere, such as the answer to a request: the stream may be away. told.since
// is when it told of all of them, by performance.now(); nothing while it is away.
// told.made tells of a booking whether it was made after the first time.
export function useBookings(url, found = []) {
  const [list, set] = useState(found), [state, setState] = useState(), [since, setSince] = useState(), first = useRef()
  const take = news => set(old => newest(old, news))
  useEffect(() => {
    if (!url) return
    first.current = null
    const hear = (kind, data) => {
      if (kind !== 'snapshot') return take([data])
      first.current ??= new Set(data.bookings.map(b => b.id))
      setSince(performance.now())
      take(data.bookings)
    }
    const is = state => { setState(state); if (state !== 'live') setSince() }
    const end = follow(url, hear, is, whoIs)
    return () => { end(); set([]); setSince() }
  }, [url])
  return [list, state, take, { since, made: b => Boolean(first.current && !first.current.has(b.id)) }]
}

// newest keeps of each booking what is known last.
function newest(old, news) {
  const by = new Map(old.map(b => [b.id, b]))
  for (const b of news) if (!(by.get(b.id)?.revision > b.revision)) by.set(b.id, b)
  return [...by.values()].sort((a, b) => new Date(b.created_at) - new Date(a.created_at))
}
