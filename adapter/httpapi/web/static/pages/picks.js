import { useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { lost } from '../api.js'
import { AVAILABLE, stateOf } from '../hall.js'
import { listed, t } from '../i18n.js'
import { stored } from '../ui.js'

const MOMENT = 2000 // ms in which the bookings tell whose a seat is, of which the map may tell sooner
const REREAD = 12000 // ms after which their stream has told of each: its server reads them every 10 s

// usePicks are the seats that somebody picked by hand. They are kept in the tab,
// are let go when somebody else has them, and say so. since is when all bookings
// were told last, and nothing while their stream is away.
export function usePicks(event, hall, view, say, bookings, since) {
  const kept = stored('picked-' + event.id), picked = useRef(new Set()), begun = useRef(false), [, redraw] = useState(0)
  const asked = useRef(new Set()) // on their way: whoever holds them now, the answer will say
  const told = useRef(), lostAt = useRef(-Infinity), timer = useRef() // of what was told, of the last answer that was lost, of the next judgement
  told.current = { since, processing: bookings.some(b => b.status === 'processing') }
  const put = (seats, act) => {
    for (const i of seats) picked.current[act](i)
    kept.set([...picked.current].map(i => hall.seat(i).id))
    view.current?.changed(seats)
    redraw(n => n + 1)
  }
  const letGo = seats => put(seats, 'delete')
  const lose = () => {
    const gone = [...picked.current].filter(i => hall.taken(i)), own = gone.filter(i => hall.mine.has(i)), others = gone.filter(isOthers)
    if (own.length) letGo(own)
    if (others.length) timer.current ||= setTimeout(judge, MOMENT, others)
  }
  const isOthers = i => hall.taken(i) && !hall.mine.has(i) && !asked.current.has(i)
  // settled tells whether all bookings of the buyer are known that may have seats.
  const settled = () => {
    const now = performance.now(), { since, processing } = told.current
    return since + MOMENT < now && !processing && (since > lostAt.current || lostAt.current + REREAD < now)
  }
  const judge = seats => {
    timer.current = 0
    const others = seats.filter(i => picked.current.has(i) && isOthers(i))
    if (others.length && settled()) {
      letGo(others)
      say(() => t('pick.taken', { seats: listed(others.map(i => hall.seat(i).id)) }))
    }
    lose()
  }
  useEffect(lose, [bookings])
  useEffect(() => () => { clearTimeout(timer.current); timer.current = -1 }, []) // nobody judges any more
  return {
    picked: picked.current,
    seats: [...picked.current].map(i => hall.seat(i)),
    letGo,

    // heard is called after seats changed. It answers the picks that were kept, as
    // soon as there is a hall to find them in.
    heard() {
      let again = []
      if (!begun.current) {
        begun.current = true
        again = (kept.get() || []).map(id => hall.find(id)).filter(i => i >= 0)
        put(again, 'add')
      }
      lose()
      return again
    },

    toggle(seat) {
      const is = stateOf(hall, picked.current, seat.index)
      if (is === 'picked') return letGo([seat.index])
      if (hall.status[seat.index] !== AVAILABLE) return say(() => t('pick.is', { seat: seat.id, state: t('seat.' + is) }))
      const elsewhere = [...picked.current].filter(i => hall.blockOf(i) !== seat.block)
      if (elsewhere.length) {
        letGo(elsewhere)
        say(() => t('pick.block'))
      }
      if (picked.current.size >= event.max_tickets_per_booking) return say(() => t('pick.max', { n: event.max_tickets_per_booking }))
      put([seat.index], 'add')
    },

    // asking sends a wish.
    async asking(send) {
      const these = asked.current = new Set(picked.current)
      const answered = () => {
        if (asked.current !== these) return // asked again meanwhile
        asked.current = new Set()
        lose()
      }
      try {
        await send()
        answered()
      } catch (error) {
        if (lost(error)) lostAt.current = performance.now()
        answered()
        throw error
      }
    },
  }
}
