// Server-Sent Events that survive lost connections and restarted services. A hidden
// page holds no stream: a browser opens only six connections to a server.

const FIRST_PAUSE = 500, LONGEST_PAUSE = 15000 // ms before a refused stream is opened again
const INCOMPLETE_PAUSE = 500 // ms before an incomplete snapshot is asked for again
const SILENCE = 40000 // ms without a heartbeat, which comes every 15 s, until a connection counts as dead

/** @typedef {'snapshot' | 'change' | 'changes'} Kind */

/**
 * on gets each event with its data; it returns false if a snapshot is incomplete.
 * state gets 'live' once all that was missed is there.
 * refused is called when the server refuses the stream; it may return why, and how
 * many seconds to wait.
 * @typedef {{
 *   on: (kind: Kind, data: any) => boolean | void,
 *   state: (state: StreamState) => void,
 *   refused?: () => void | Promise<{ state: StreamState, seconds?: number } | undefined>,
 * }} Handlers
 */

/**
 * follow opens a stream and keeps it open. It returns a function that ends it.
 * @param {string} url
 * @param {Handlers} handlers
 */
export function follow(url, { on, state, refused }) {
  /** @type {EventSource | undefined} */
  let source
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retryTimer
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silenceTimer
  let pause = FIRST_PAUSE, reading = false // whether the last answer was that seats are being read
  url += (url.includes('?') ? '&' : '?') + 'heartbeat=event'

  const alive = () => { clearTimeout(silenceTimer); silenceTimer = setTimeout(reopen, SILENCE) }
  const close = () => {
    clearTimeout(retryTimer)
    clearTimeout(silenceTimer)
    source?.close()
    source = undefined
  }
  /** @param {number} ms */
  const retry = ms => { close(); retryTimer = setTimeout(open, ms) }
  // All viewers lose a stream at the same moment: a random share spreads their return.
  const spread = () => 0.5 + Math.random()
  const open = () => {
    alive()
    const opened = source = new EventSource(url)
    opened.onopen = () => { alive(); pause = FIRST_PAUSE; reading = false }
    opened.onerror = async () => {
      // The browser itself reopens a connection that was lost, but not one that was
      // refused, with 503 or 401.
      const isRefused = opened.readyState === EventSource.CLOSED
      if (!isRefused || !reading) state('reconnecting')
      if (!isRefused) return
      const reason = await refused?.()
      if (opened !== source) return // closed meanwhile
      reading = reason?.state === 'reading'
      state(reason?.state ?? 'reconnecting')
      retry(reason?.seconds ? reason.seconds * 1000 * (0.5 + spread()) : pause * spread())
      pause = Math.min(pause * 2, LONGEST_PAUSE)
    }
    // An open connection says nothing about the data. A heartbeat comes when there is
    // nothing more to send.
    const live = () => { alive(); state('live') }
    for (const kind of /** @type {Kind[]} */ (['snapshot', 'change', 'changes'])) {
      opened.addEventListener(kind, e => {
        if (on(kind, JSON.parse(e.data)) !== false) return live()
        state('reading')
        retry(INCOMPLETE_PAUSE)
      })
    }
    opened.addEventListener('heartbeat', live)
  }
  const reopen = () => {
    close()
    state('reconnecting')
    if (!document.hidden) open()
  }
  // Without a network, a lost connection goes unnoticed for long.
  const offline = () => { close(); state('reconnecting') }

  document.addEventListener('visibilitychange', reopen)
  window.addEventListener('online', reopen)
  window.addEventListener('offline', offline)
  if (!document.hidden) open()
  return () => {
    document.removeEventListener('visibilitychange', reopen)
    window.removeEventListener('online', reopen)
    window.removeEventListener('offline', offline)
    close()
  }
}
