import { html } from '../vendor/htm-preact.js'
import { allPages } from '../api.js'
import { number, t, when } from '../i18n.js'
import { ErrorBox, Link, Loading, LogInPrompt, useFetched, useTitle } from '../ui.js'

/**
 * MyEvents lists the events of a seller.
 * @param {PageProps} props
 */
export function MyEvents({ session }) {
  const seller = session.user?.role === 'seller'
  useTitle(t('sell.title'))
  /** @type {() => Promise<Api.EventSummary[]>} */
  const load = async () => seller ? allPages('/v1/events?mine=true') : []
  const [events, error, again] = useFetched(load, 'mine-' + session.user?.id)
  if (!seller) return html`<${LogInPrompt} title=${t('sell.title')} text=${t('sell.only')} />`
  return html`<div class="head"><h1>${t('sell.title')}</h1><${Link} to="/sell/new" class="button main">${t('sell.new')}<//></div>
    ${error && html`<${ErrorBox} error=${error} again=${again} />`}
    ${!events && !error && html`<${Loading} />`}
    ${events?.length === 0 && html`<p>${t('sell.none')}</p>`}
    ${events && events.length > 0 && html`<ul class="cards">${events.map(e => html`<li key=${e.id}><${Link} to=${'/sell/' + e.id} class="card"><h2>${e.name}</h2><p>${e.venue_name}<br />${when(e.starts_at, e.time_zone)}</p>
      <p>${t('sell.' + e.status)} · ${t('desk.sold')} ${number(e.counts.sold)} · ${t('desk.held')} ${number(e.counts.reserved)} · ${t('desk.free')} ${number(e.counts.available)}</p><//></li>`)}</ul>`}`
}
