// Server-Sent Events that go on: after a lost connection or a restarted service,
// and not while nobody looks.

const pause = 1000 // ms before a refused stream is tried again

// follow opens a stream. on gets (event, data); state gets 'live' or
// 'reconnecting'. What it answers ends it.
export function follow(url, on, state) {
  let source, timer, ended = false
  const open = () => {
    source = new EventSource(url)
    source.onopen = () => state('live')
    source.onerror = () => {
      state('reconnecting')
      // The browser comes again by itself after a lost connection, but not after
      // an answer that was no stream.
      if (source.readyState === EventSource.CLOSED && !ended) timer = setTimeout(open, pause)
    }
    for (const name of ['snapshot', 'change']) source.addEventListener(name, e => on(name, JSON.parse(e.data)))
  }
  // A browser opens six connections to a server: hidden pages hold none.
  const seen = () => {
    clearTimeout(timer)
    source?.close()
    if (!document.hidden) open()
  }
  document.addEventListener('visibilitychange', seen)
  if (!document.hidden) open()
  return () => {
    ended = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
    source?.close()
  }
}
