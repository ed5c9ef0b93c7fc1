// The application: who is logged in, and which page is shown.
import { Component, html, render, useEffect, useRef, useState } from './vendor/htm-preact.js'
import { call, get, post, Problem } from './api.js'
import { lang, setLanguage, t } from './i18n.js'
import { clearTabStorage, ErrorBox, Link, Loading, navigate, tabStorage, useTitle } from './ui.js'
import { Home } from './pages/home.js'
import { LogIn } from './pages/login.js'
import { EventPage } from './pages/event.js'
import { BookingPage, Bookings } from './pages/bookings.js'
import { MyEvents } from './pages/myevents.js'
import { NewEvent } from './pages/newevent.js'
import { Dashboard } from './pages/dashboard.js'
import { Documents } from './pages/documents.js'

/** @type {[RegExp, (props: PageProps) => unknown][]} */
const pages = [
  [/^\/$/, Home], [/^\/login$/, LogIn], [/^\/events\/(\d+)$/, EventPage], [/^\/bookings$/, Bookings], [/^\/bookings\/([0-9a-f-]{36})$/, BookingPage],
  [/^\/sell$/, MyEvents], [/^\/sell\/new$/, NewEvent], [/^\/sell\/(\d+)$/, Dashboard], [/^\/api$/, Documents],
]

function NotFound() {
  useTitle(t('missing.title'))
  return html`<h1>${t('missing.title')}</h1><p><${Link} to="/">${t('app.events')}<//></p>`
}

// ErrorBoundary shows a page, or that it failed. The rest of the application works on.
class ErrorBoundary extends Component {
  /** @param {unknown} error */
  componentDidCatch(error) { this.setState({ error }) }

  /**
   * @param {{ children?: any }} props
   * @param {{ error?: unknown }} state
   */
  render({ children }, { error }) {
    if (!error) return children
    console.error(error)
    return html`<div class="failed" role="alert"><p>${t('app.broken')}</p><button type="button" onClick=${() => location.reload()}>${t('app.reload')}</button></div>`
  }
}

const storageOwner = tabStorage('user') // the user whose data this tab stores

const siteLoaded = get('/site.json').catch(() => /** @type {Site} */ ({}))

/**
 * useLogin finds out who is logged in, and keeps asking until it knows. All windows of
 * a browser share the cookie: each tells the others when somebody logs in or out. No
 * script can read the cookie; the server says at first whether there is one.
 * @returns {Omit<Login, 'site'>}
 */
function useLogin() {
  const [is, set] = useState(/** @type {{ user?: Api.User | null, turn: number }} */ ({ turn: 0 }))
  const [error, setError] = useState(/** @type {unknown} */ (undefined)), [unknown, setUnknown] = useState(/** @type {unknown} */ (undefined))
  const windows = useRef(/** @type {BroadcastChannel | undefined} */ (undefined)), check = useRef(() => {})
  /** @param {Api.User | null} user */
  const take = user => {
    const before = storageOwner.get(), other = user && before && before !== user.id
    if (other) clearTabStorage()
    if (user) storageOwner.set(user.id)
    set(old => ({ user, turn: old.turn + (other ? 1 : 0) })) // another user's page starts over
  }
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    let failed = 0
    /** @param {Api.User | null} user */
    const found = user => { failed = 0; setUnknown(undefined); take(user) }
    const ask = () => {
      clearTimeout(timer)
      get('/v1/users/me').then(found, e => {
        if (e.status === 401) return found(null)
        if (++failed > 1) setUnknown(e)
        timer = setTimeout(ask, 1000 * (0.5 + Math.random()))
      })
    }
    check.current = ask
    const ended = () => take(null)
    const channel = windows.current = new BroadcastChannel('session')
    channel.onmessage = ask
    addEventListener('sessionended', ended)
    addEventListener('checksession', ask)
    siteLoaded.then(({ session }) => session === false ? found(null) : ask())
    return () => { clearTimeout(timer); channel.close(); removeEventListener('sessionended', ended); removeEventListener('checksession', ask) }
  }, [])
  const tellWindows = () => windows.current?.postMessage(null)
  /** @type {Login['logIn']} */
  const logIn = async (email, password) => {
    const { user } = await post('/v1/sessions', { email, password })
    take(user)
    tellWindows()
    return user
  }
  const logOut = async () => {
    setError(undefined)
    try {
      await call('DELETE', '/v1/sessions/current')
    } catch (e) {
      if (!(e instanceof Problem) || e.status !== 401) return setError(e)
    }
    clearTabStorage()
    take(null)
    tellWindows()
    navigate('/')
  }
  return { ...is, error, unknown, check: () => check.current(), logIn, logOut }
}

function App() {
  const [path, setPath] = useState(location.pathname), [site, setSite] = useState(/** @type {Site} */ ({})), [, redraw] = useState(lang()), login = useLogin(), { user } = login
  useEffect(() => {
    const moved = () => setPath(location.pathname)
    addEventListener('popstate', moved)
    siteLoaded.then(setSite)
    return () => removeEventListener('popstate', moved)
  }, [])
  const first = useRef(true)
  useEffect(() => { // screen readers and the keyboard start at the top of a new page
    if (!first.current) document.getElementById('content')?.focus({ preventScroll: true })
    first.current = false
  }, [path])
  const session = { ...login, site }
  const language = () => { setLanguage(lang() === 'en' ? 'zh-Hant' : 'en'); redraw(lang()) }
  let page = html`<${NotFound} />`
  for (const [pattern, Page] of pages) {
    const match = pattern.exec(path)
    if (match) page = html`<${Page} id=${match[1]} session=${session} />`
  }
  /** @type {(to: string, text: string) => unknown} */
  const link = (to, text) => html`<${Link} to=${to} aria-current=${path === to ? 'page' : undefined}>${text}<//>`
  return html`
    <a class="skip" href="#content">${t('app.skip')}</a>
    <header>
      <${Link} to="/" class="brand"><img src=${new URL('icon.svg', import.meta.url).pathname} alt="" width="28" height="28" /> Onsale<//>
      <nav aria-label="Onsale">
        ${link('/', t('app.events'))}
        ${user?.role === 'buyer' && link('/bookings', t('app.bookings'))}
        ${user?.role === 'seller' && link('/sell', t('app.sell'))}
        ${link('/api', t('app.api'))}
      </nav>
      <div class="who">
        <button type="button" class="plain" onClick=${language}>${t('app.language')}</button>
        ${user ? html`<span class="name">${user.name}</span><button type="button" class="plain" onClick=${session.logOut}>${t('app.logout')}</button>`
          : user === null && html`<${Link} to=${path === '/' || path === '/login' ? '/login' : '/login?back'}>${t('app.login')}<//>`}
      </div>
    </header>
    <main id="content" tabindex="-1">
      ${session.error && html`<${ErrorBox} error=${session.error} />`}
      ${user !== undefined ? html`<${ErrorBoundary} key=${path + ' ' + session.turn}>${page}<//>` : session.unknown ? html`<${ErrorBox} error=${session.unknown} again=${session.check} />` : html`<${Loading} />`}
    </main>`
}

render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById('app')))
