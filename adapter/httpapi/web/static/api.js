// Calls of the HTTP API, see openapi.yaml. The session is a cookie that no script
// can read.

// Problem is an answer with an error. The code is stable; the detail is for people.
export class Problem extends Error {
  /**
   * @param {number} status 0 if there was no answer
   * @param {{ code?: string, title?: string, detail?: string, errors?: Api.FieldProblem[] }} body
   * @param {number} [retryAfter] seconds, as the server asked for
   */
  constructor(status, body, retryAfter) {
    super(body.detail || body.title || String(status))
    this.status = status
    this.code = body.code || 'unavailable'
    this.errors = body.errors || []
    this.retryAfter = retryAfter
  }
}

const TIMEOUT = 60000 // ms; the servers answer or refuse long before

/**
 * call sends a request and returns the decoded answer, or throws a Problem.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 */
export async function call(method, path, body, headers = {}) {
  let answer, text
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT),
    })
    text = await answer.text()
  } catch {
    throw new Problem(0, { code: 'offline', detail: 'The network or the server does not answer.' })
  }
  if (answer.status === 204) return null
  let data = /** @type {any} */ ({})
  try { data = JSON.parse(text) } catch { /* an error page of a proxy */ }
  if (answer.status === 403 && data.code === 'wrong_role') checkSession()
  if (answer.status === 401 && path !== '/v1/sessions') dispatchEvent(new Event('sessionended'))
  if (!answer.ok) throw new Problem(answer.status, data, Number(answer.headers.get('Retry-After')) || undefined)
  return data
}

/** @param {string} path */
export const get = path => call('GET', path)

/** @type {(path: string, body?: unknown, headers?: Record<string, string>) => Promise<any>} */
export const post = (path, body, headers) => call('POST', path, body, headers)

// checkSession makes the application ask again who is logged in. Another window may
// have logged in as somebody else, and a session may have ended.
export const checkSession = () => { dispatchEvent(new Event('checksession')) }

/**
 * isUncertain reports whether a request that failed may have been carried out.
 * @param {any} error
 */
export const isUncertain = error => error.status === 0 || error.status >= 500

const RETRIES = 4
const RETRY_PAUSE = 1000 // ms, on average

/**
 * retryOverload repeats a request while the service answers 503. The request must
 * have an Idempotency-Key.
 * @template T
 * @param {() => Promise<T>} request
 * @returns {Promise<T>}
 */
export async function retryOverload(request) {
  for (let left = RETRIES; ; left--) {
    try {
      return await request()
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 503 || left === 0) throw error
    }
    await new Promise(resolve => setTimeout(resolve, RETRY_PAUSE * (0.5 + Math.random())))
  }
}

/**
 * allPages reads all pages of a list.
 * @param {string} path
 * @returns {Promise<any[]>}
 */
export async function allPages(path) {
  const items = []
  for (let cursor = ''; ;) {
    const page = await get(path + (path.includes('?') ? '&' : '?') + 'limit=200' + (cursor && '&cursor=' + encodeURIComponent(cursor)))
    items.push(...page.items)
    if (!page.next_cursor) return items
    cursor = page.next_cursor
  }
}
