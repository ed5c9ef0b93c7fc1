// A buyer's bookings, followed live.
import { useEffect, useState } from './vendor/htm-preact.js'
import { whoIs } from './api.js'
import { follow } from './live.js'

export const isActive = b => b.status === 'processing' || b.status === 'pending_payment'

// useBookings follows the bookings of a stream, if there is a url:
// [newest first, state of the stream, take]. take takes what is known from
// elsewhere, such as the answer to a request: the stream may be away.
export function useBookings(url, found = []) {
  const [list, set] = useState(found), [state, setState] = useState()
  const take = news => set(old => newest(old, news))
  useEffect(() => {
    if (!url) return
    const end = follow(url, (kind, data) => take(kind === 'snapshot' ? data.bookings : [data]), setState, whoIs)
    return () => { end(); set([]) }
  }, [url])
  return [list, state, take]
}

// newest keeps of each booking what is known last.
function newest(old, news) {
  const by = new Map(old.map(b => [b.id, b]))
  for (const b of news) if (!(by.get(b.id)?.revision > b.revision)) by.set(b.id, b)
  return [...by.values()].sort((a, b) => new Date(b.created_at) - new Date(a.created_at))
}
