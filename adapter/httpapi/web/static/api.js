// The HTTP API, as openapi.yaml has it. The session is a cookie that no script
// can read.

// Problem is an answer that is none: code is stable, detail is for people.
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || String(status))
    this.status = status
    this.code = body.code || 'unavailable'
    this.errors = body.errors || []
  }
}

const limit = 60000 // ms that a request may take; the servers answer or refuse long before

export async function call(method, path, body, headers = {}) {
  let answer, text
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(limit),
    })
    text = await answer.text()
  } catch {
    throw new Problem(0, { code: 'offline', detail: 'The network or the server does not answer.' })
  }
  if (answer.status === 204) return null
  let data = {}
  try { data = JSON.parse(text) } catch { /* a proxy's page */ }
  if (answer.status === 403 && data.code === 'wrong_role') whoIs()
  if (answer.status === 401 && path !== '/v1/sessions') dispatchEvent(new Event('loggedout'))
  if (!answer.ok) throw new Problem(answer.status, data)
  return data
}

export const get = path => call('GET', path)
export const post = (path, body, headers) => call('POST', path, body, headers)

// whoIs has it found out anew who is logged in here: another window may have
// logged in somebody else, and a session's time may be over.
export const whoIs = () => dispatchEvent(new Event('whois'))

// lost tells whether what was asked may have been done all the same.
export const lost = error => error.status === 0 || error.status >= 500

const patience = [4, 1000] // times, and ms between them, about

// patiently asks again while the service has no time: what is asked has a key, so
// that a repeat is the same.
export async function patiently(ask) {
  for (let left = patience[0]; ; left--) {
    try {
      return await ask()
    } catch (error) {
      if (error.status !== 503 || left === 0) throw error
    }
    await new Promise(go => setTimeout(go, patience[1] * (0.5 + Math.random())))
  }
}

// all reads every page of a list.
export async function all(path) {
  const items = []
  for (let cursor = ''; ;) {
    const page = await get(path + (path.includes('?') ? '&' : '?') + 'limit=200' + (cursor && '&cursor=' + encodeURIComponent(cursor)))
    items.push(...page.items)
    if (!page.next_cursor) return items
    cursor = page.next_cursor
  }
}
