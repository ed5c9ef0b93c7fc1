// The application: who is there, and which page.
import { Component, html, render, useEffect, useRef, useState } from './vendor/htm-preact.js'
import { call, get, post } from './api.js'
import { lang, setLanguage, t } from './i18n.js'
import { dropStored, Failed, go, Link, Loading, stored, useTitle } from './ui.js'
import { Home } from './pages/home.js'
import { Login } from './pages/login.js'
import { Event } from './pages/event.js'
import { Booking, Bookings } from './pages/bookings.js'
import { Selling } from './pages/selling.js'
import { NewEvent } from './pages/newevent.js'
import { Desk } from './pages/desk.js'
import { Documents } from './pages/documents.js'

const pages = [
  [/^\/$/, Home], [/^\/login$/, Login], [/^\/events\/(\d+)$/, Event], [/^\/bookings$/, Bookings], [/^\/bookings\/([0-9a-f-]{36})$/, Booking],
  [/^\/sell$/, Selling], [/^\/sell\/new$/, NewEvent], [/^\/sell\/(\d+)$/, Desk], [/^\/api$/, Documents],
]

function Missing() {
  useTitle(t('missing.title'))
  return html`<h1>${t('missing.title')}</h1><p><${Link} to="/">${t('app.events')}<//></p>`
}

// Kept shows a page, or that it is broken: the rest of the application goes on.
class Kept extends Component {
  componentDidCatch(error) { this.setState({ error }) }

  render({ children }, { error }) {
    if (!error) return children
    console.error(error)
    return html`<div class="failed" role="alert"><p>${t('app.broken')}</p><button type="button" onClick=${() => location.reload()}>${t('app.reload')}</button></div>`
  }
}

const owner = stored('user') // whose things are kept in this tab

// useSession is who is logged in, undefined until that is known; unknown is why
// it is not, and look asks again. The cookie is that of all windows: each is told
// when somebody logs in or out in one of them.
function useSession() {
  const [is, set] = useState({ turn: 0 }), [error, setError] = useState(), [unknown, setUnknown] = useState(), windows = useRef(), finds = useRef()
  const take = user => {
    const before = owner.get(), other = user && before && before !== user.id
    if (other) dropStored()
    if (user) owner.set(user.id)
    set(old => ({ user, turn: old.turn + (other ? 1 : 0) })) // a page of somebody else begins anew
  }
  useEffect(() => {
    let timer, failed = 0
    const found = user => { failed = 0; setUnknown(); take(user) }
    const look = () => {
      clearTimeout(timer)
      get('/v1/users/me').then(found, e => {
        if (e.status === 401) return found(null)
        if (++failed > 1) setUnknown(e)
        timer = setTimeout(look, 1000 * (0.5 + Math.random()))
      })
    }
    finds.current = look
    const ended = () => take(null) // its time is over
    windows.current = new BroadcastChannel('session')
    windows.current.onmessage = look
    addEventListener('loggedout', ended)
    addEventListener('whois', look)
    look()
    return () => { clearTimeout(timer); windows.current.close(); removeEventListener('loggedout', ended); removeEventListener('whois', look) }
  }, [])
  const tell = () => windows.current.postMessage(null)
  const logIn = async (email, password) => {
    const { user } = await post('/v1/sessions', { email, password })
    take(user)
    tell()
    return user
  }
  const logOut = async () => {
    setError()
    try {
      await call('DELETE', '/v1/sessions/current')
    } catch (e) {
      if (e.status !== 401) return setError(e)
    }
    dropStored()
    take(null)
    tell()
    go('/')
  }
  return { ...is, error, unknown, look: () => finds.current(), logIn, logOut }
}

function App() {
  const [path, setPath] = useState(location.pathname), [site, setSite] = useState({}), [, redraw] = useState(lang()), found = useSession(), { user } = found
  useEffect(() => {
    const moved = () => setPath(location.pathname)
    addEventListener('popstate', moved)
    get('/site.json').then(setSite, () => {})
    return () => removeEventListener('popstate', moved)
  }, [])
  const first = useRef(true)
  useEffect(() => { // who listens to a new page, or reads it by keyboard, begins at its top
    if (!first.current) document.getElementById('content').focus({ preventScroll: true })
    first.current = false
  }, [path])
  const session = { ...found, site }
  const language = () => { setLanguage(lang() === 'en' ? 'zh-Hant' : 'en'); redraw(lang()) }
  let page = html`<${Missing} />`
  for (const [pattern, Page] of pages) {
    const match = pattern.exec(path)
    if (match) page = html`<${Page} id=${match[1]} session=${session} />`
  }
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
      ${session.error && html`<${Failed} error=${session.error} />`}
      ${user !== undefined ? html`<${Kept} key=${path + ' ' + session.turn}>${page}<//>` : session.unknown ? html`<${Failed} error=${session.unknown} again=${session.look} />` : html`<${Loading} />`}
    </main>`
}

render(html`<${App} />`, document.getElementById('app'))
