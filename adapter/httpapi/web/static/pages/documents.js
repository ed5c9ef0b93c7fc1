import { html, useState } from '../vendor/htm-preact.js'
import { get } from '../api.js'
import { t } from '../i18n.js'
import { Failed, Loading, useAsked, useTitle } from '../ui.js'

// Documents shows the API's documents, which are in the binary.
export function Documents() {
  useTitle(t('api.title'))
  const [found, error, again] = useAsked(() => Promise.all([get('/docs/openapi.json'), get('/docs/asyncapi.json')]), 'documents')
  if (error) return html`<${Failed} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  const [rest, messages] = found
  return html`<h1>${t('api.title')}</h1><p>${t('api.text')}</p>
    <h2>${t('api.rest')} <a href="/docs/openapi.yaml">yaml</a></h2>
    ${Object.entries(rest.paths).map(([path, methods]) => Object.entries(methods).filter(([, o]) => o.operationId).map(([method, o]) => html`<${Operation} key=${method + path} method=${method} path=${path} o=${o} all=${rest} item=${methods} />`))}
    <h2>${t('api.messages')} <a href="/docs/asyncapi.yaml">yaml</a></h2>
    ${Object.entries(messages.channels || {}).map(([name, c]) => html`<${Shown} key=${name} title=${name} note=${c.address} body=${c} />`)}
    ${Object.entries(messages.components?.messages || {}).map(([name, m]) => html`<${Shown} key=${name} title=${name} note=${m.summary || ''} body=${whole(messages, m.payload, 6)} />`)}
    <h2>${t('api.schemas')}</h2>
    ${Object.entries(rest.components.schemas).map(([name, s]) => html`<${Shown} key=${name} title=${name} note=${s.description || ''} body=${s} />`)}`
}

function Operation({ method, path, o, all, item }) {
  const [open, set] = useState(false)
  const parameters = [...(item.parameters || []), ...(o.parameters || [])].map(p => at(all, p))
  return html`<details class="operation" onToggle=${e => set(e.target.open)}><summary><code class=${'method ' + method}>${method.toUpperCase()}</code> <code>${path}</code> ${o.summary}</summary>
    ${open && html`${o.description && html`<p>${o.description}</p>`}
      ${parameters.length > 0 && html`<dl>${parameters.map(p => html`<dt><code>${p.name}</code> ${p.in}</dt><dd>${p.description || at(all, p.schema).type}</dd>`)}</dl>`}
      ${o.requestBody && html`<${Bodies} of=${at(all, o.requestBody)} all=${all} />`}
      <dl>${Object.entries(o.responses).map(([status, r]) => html`<dt>${status}</dt><dd>${at(all, r).description}<${Bodies} of=${at(all, r)} all=${all} /></dd>`)}</dl>`}</details>`
}

// Bodies shows what is sent, of each content type; a problem is always alike.
const Bodies = ({ of, all }) => Object.entries(of.content || {}).filter(([type]) => !type.includes('problem'))
  .map(([type, { schema }]) => html`<p><code>${type}</code></p><pre tabindex="0">${JSON.stringify(whole(all, schema, 6), null, 2)}</pre>`)

function Shown({ title, note, body }) {
  const [open, set] = useState(false)
  return html`<details class="operation" onToggle=${e => set(e.target.open)}><summary><code>${title}</code> ${note}</summary>${open && html`<pre tabindex="0">${JSON.stringify(body, null, 2)}</pre>`}</details>`
}

// at follows a reference within a document.
const at = (document, x) => x.$ref ? x.$ref.slice(2).split('/').reduce((o, key) => o[key], document) : x

// whole puts what is referred to in its place, to a depth.
function whole(document, x, depth) {
  if (!x || typeof x !== 'object' || depth === 0) return x
  if (Array.isArray(x)) return x.map(y => whole(document, y, depth))
  return x.$ref ? whole(document, at(document, x), depth - 1) : Object.fromEntries(Object.entries(x).map(([k, v]) => [k, whole(document, v, depth)]))
}
