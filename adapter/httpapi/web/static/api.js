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

export async function call(method, path, body, headers = {}) {
  let answer
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch {
    throw new Problem(0, { code: 'offline', detail: 'The network or the server does not answer.' })
  }
  if (answer.status === 204) return null
  const text = await answer.text()
  let data = {}
  try { data = JSON.parse(text) } catch { /* a proxy's page */ }
  if (answer.status === 401 && path !== '/v1/sessions') dispatchEvent(new Event('loggedout'))
  if (!answer.ok) throw new Problem(answer.status, data)
  return data
}

export const get = path => call('GET', path)
export const post = (path, body, headers) => call('POST', path, body, headers)

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
