// The application: who is there, and which page.
import { html, render, useEffect, useRef, useState } from './vendor/htm-preact.js'
import { call, get, post } from './api.js'
import { lang, setLanguage, t } from './i18n.js'
import { go, Link, useTitle } from './ui.js'
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

function App() {
  const [path, setPath] = useState(location.pathname), [user, setUser] = useState(), [site, setSite] = useState({}), [, redraw] = useState(lang())
  useEffect(() => {
    const moved = () => setPath(location.pathname)
    addEventListener('popstate', moved)
    const ended = () => setUser(null) // the session ended elsewhere, or its time is over
    addEventListener('loggedout', ended)
    get('/v1/users/me').then(setUser, () => setUser(null))
    get('/site.json').then(setSite, () => {})
    return () => { removeEventListener('popstate', moved); removeEventListener('loggedout', ended) }
  }, [])
  const first = useRef(true)
  useEffect(() => { // who listens to a new page, or reads it by keyboard, begins at its top
    if (!first.current) document.getElementById('content').focus({ preventScroll: true })
    first.current = false
  }, [path])
  const session = {
    user, site,
    logIn: async (email, password) => { const s = await post('/v1/sessions', { email, password }); setUser(s.user); return s.user },
    logOut: async () => { await call('DELETE', '/v1/sessions/current'); sessionStorage.clear(); setUser(null); go('/') },
  }
  const language = () => { setLanguage(lang() === 'en' ? 'zh-Hant' : 'en'); redraw(lang()) }
  let page = html`<main id="content" tabindex="-1"><${Missing} /></main>`
  for (const [pattern, Page] of pages) {
    const found = pattern.exec(path)
    if (found) page = html`<main id="content" tabindex="-1"><${Page} key=${path} id=${found[1]} session=${session} /></main>`
  }
  return html`
    <a class="skip" href="#content">${t('app.skip')}</a>
    <header>
      <${Link} to="/" class="brand"><img src=${new URL('icon.svg', import.meta.url).pathname} alt="" width="28" height="28" /> Onsale<//>
      <nav aria-label="Onsale">
        <${Link} to="/">${t('app.events')}<//>
        ${user?.role === 'buyer' && html`<${Link} to="/bookings">${t('app.bookings')}<//>`}
        ${user?.role === 'seller' && html`<${Link} to="/sell">${t('app.sell')}<//>`}
        <${Link} to="/api">${t('app.api')}<//>
      </nav>
      <div class="who">
        <button type="button" class="plain" onClick=${language}>${t('app.language')}</button>
        ${user ? html`<span class="name">${user.name}</span><button type="button" class="plain" onClick=${session.logOut}>${t('app.logout')}</button>`
          : user === null && html`<${Link} to=${path === '/' || path === '/login' ? '/login' : '/login?back'}>${t('app.login')}<//>`}
      </div>
    </header>
    ${user === undefined ? html`<main id="content" class="loading">${t('app.loading')}</main>` : page}`
}

render(html`<${App} />`, document.getElementById('app'))
