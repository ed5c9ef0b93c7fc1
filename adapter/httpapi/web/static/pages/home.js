import { html, useState } from '../vendor/htm-preact.js'
import { get } from '../api.js'
import { number, t, when } from '../i18n.js'
import { ErrorBox, Link, Loading, navigate, useAction, useFetched, useTitle } from '../ui.js'

/**
 * Home lists the events on sale.
 * @param {PageProps} props
 */
export function Home({ session }) {
  useTitle('')
  /** @type {() => Promise<Api.Page<Api.EventSummary>>} */
  const load = () => get('/v1/events?limit=24')
  const [first, error, again] = useFetched(load, 'events')
  const [more, setMore] = useState(/** @type {{ items: Api.EventSummary[], cursor?: string | null }} */ ({ items: [] })), [busy, failed, run] = useAction()
  const cursor = more.cursor === undefined ? first?.next_cursor : more.cursor
  const next = () => run(async () => {
    const page = await get('/v1/events?limit=24&cursor=' + encodeURIComponent(cursor ?? ''))
    setMore({ items: [...more.items, ...page.items], cursor: page.next_cursor })
  })
  return html`
    ${!session.user && session.site.demo && html`<${Welcome} session=${session} demo=${session.site.demo} first=${first?.items[0]} />`}
    <h1>${t('home.title')}</h1>
    ${error && html`<${ErrorBox} error=${error} again=${again} />`}
    ${!first && !error && html`<${Loading} />`}
    ${first?.items.length === 0 && html`<p>${t('home.none')}</p>`}
    <ul class="cards">${[...(first?.items || []), ...more.items].map(e => html`<li key=${e.id}><${Card} event=${e} /></li>`)}</ul>
    ${failed && html`<${ErrorBox} error=${failed} />`}
    ${cursor && html`<button type="button" disabled=${busy} onClick=${next}>${t('home.more')}</button>`}`
}

/** @param {{ event: Api.EventSummary }} props */
function Card({ event: e }) {
  const all = e.counts.available + e.counts.reserved + e.counts.sold
  return html`<${Link} to=${'/events/' + e.id} class="card">
    <h2>${e.name}</h2>
    <p>${e.venue_name}<br />${when(e.starts_at, e.time_zone)}</p>
    <meter aria-hidden="true" min="0" max=${all} value=${e.counts.available}></meter>
    <p>${t('home.left', { n: number(e.counts.available), all: number(all) })}</p>
  <//>`
}

/**
 * Welcome logs a newcomer in as the demo's buyer or seller.
 * @param {{ session: Login, demo: NonNullable<Site['demo']>, first?: Api.EventSummary }} props
 */
function Welcome({ session, demo, first }) {
  const [busy, error, run] = useAction()
  /** @type {(email: string, to: string) => unknown} */
  const be = (email, to) => run(async () => { await session.logIn(email, demo.password); navigate(to) })
  return html`<section class="welcome">
    <h2>${t('welcome.title')}</h2>
    <p>${t('welcome.text')}</p>
    <ol>${['buy', 'pay', 'sell'].map(step => html`<li key=${step}>${t('welcome.' + step)}</li>`)}</ol>
    ${error && html`<${ErrorBox} error=${error} />`}
    <p class="acts-of"><button type="button" class="main" disabled=${busy} onClick=${() => be(demo.buyer, first ? '/events/' + first.id : '/')}>${t('welcome.buyer')}</button>
    <button type="button" disabled=${busy} onClick=${() => be(demo.seller, '/sell')}>${t('welcome.seller')}</button></p>
  </section>`
}
