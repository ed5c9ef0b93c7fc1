// Server-Sent Events that go on: after a lost connection or a restarted service,
// and not while nobody looks.

const pause = [500, 15000] // ms before a refused stream is tried again, at first and at most
const silence = 40000 // ms without a heartbeat, which comes every 15 s: a dead connection, whatever the browser says

// follow opens a stream. on gets (event, data); state gets 'live' once what was
// missed is there, or 'reconnecting'; refused hears of an answer that was no
// stream. What it answers ends it.
export function follow(url, on, state, refused) {
  let source, timer, quiet, wait = pause[0], ended = false
  url += (url.includes('?') ? '&' : '?') + 'heartbeat=event'
  const heard = () => { clearTimeout(quiet); quiet = setTimeout(again, silence) }
  const open = () => {
    heard()
    source = new EventSource(url)
    source.onopen = () => { heard(); wait = pause[0] }
    source.onerror = () => {
      state('reconnecting')
      // The browser comes again by itself after a lost connection, but not after
      // an answer that was no stream. All who watch lost it at once: by chance
      // they come at different times.
      if (source.readyState !== EventSource.CLOSED || ended) return
      refused?.()
      timer = setTimeout(open, wait * (0.5 + Math.random()))
      wait = Math.min(wait * 2, pause[1])
    }
    // An answer that began tells nothing yet. A heartbeat comes when there is no
    // more to tell.
    const told = () => { heard(); state('live') }
    for (const name of ['snapshot', 'change']) source.addEventListener(name, e => { on(name, JSON.parse(e.data)); told() })
    source.addEventListener('heartbeat', told)
  }
  const close = () => {
    clearTimeout(timer)
    clearTimeout(quiet)
    source?.close()
  }
  // A browser opens six connections to a server: hidden pages hold none.
  const again = () => {
    close()
    state('reconnecting')
    if (!document.hidden) open()
  }
  // Without a network no connection is seen to be lost for a long time.
  const offline = () => { close(); state('reconnecting') }
  const heed = [[document, 'visibilitychange', again], [window, 'online', again], [window, 'offline', offline]]
  for (const [where, what, act] of heed) where.addEventListener(what, act)
  if (!document.hidden) open()
  return () => {
    ended = true
    for (const [where, what, act] of heed) where.removeEventListener(what, act)
    close()
  }
}
