import { html, useState } from '../vendor/htm-preact.js'
import { get } from '../api.js'
import { t } from '../i18n.js'
import { LoadFailed, Loading, useFetched, useTitle } from '../ui.js'

const DEPTH = 6 // of schemas within schemas that are shown

/** A document, or a part of one, as JSON. @typedef {any} Json */

// Documents shows the API's documents, which are in the binary.
export function Documents() {
  useTitle(t('api.title'))
  /** @type {() => Promise<Json[]>} */
  const load = () => Promise.all([get('/docs/openapi.json'), get('/docs/asyncapi.json')])
  const [found, error, again] = useFetched(load, 'documents')
  if (error) return html`<${LoadFailed} title=${t('api.title')} error=${error} again=${again} />`
  if (!found) return html`<${Loading} />`
  const [rest, messages] = found
  return html`<h1>${t('api.title')}</h1><p>${t('api.text')}</p>
    <h2>${t('api.rest')} <a href="/docs/openapi.yaml">openapi.yaml</a></h2>
    ${entries(rest.paths).map(([path, methods]) => entries(methods).filter(([, o]) => o.operationId).map(([method, o]) => html`<${Operation} key=${method + path} method=${method} path=${path} operation=${o} all=${rest} item=${methods} />`))}
    <h2>${t('api.messages')} <a href="/docs/asyncapi.yaml">asyncapi.yaml</a></h2>
    ${entries(messages.channels).map(([name, c]) => html`<${JsonDetails} key=${name} title=${name} note=${c.address} body=${c} />`)}
    ${entries(messages.components?.messages).map(([name, m]) => html`<${JsonDetails} key=${name} title=${name} note=${m.summary || ''} body=${expanded(messages, m.payload, DEPTH)} />`)}
    <h2>${t('api.schemas')}</h2>
    ${entries(rest.components.schemas).map(([name, s]) => html`<${JsonDetails} key=${name} title=${name} note=${s.description || ''} body=${s} />`)}`
}

/** @type {(of: Json) => [string, Json][]} */
const entries = of => Object.entries(of || {})

/**
 * withCode shows what is between backticks as code.
 * @param {string} [text]
 */
const withCode = text => text?.split('`').map((part, i) => i % 2 ? html`<code>${part}</code>` : part)

/** @param {{ method: string, path: string, operation: Json, all: Json, item: Json }} props */
function Operation({ method, path, operation: o, all, item }) {
  const [open, set] = useState(false)
  const parameters = [...(item.parameters || []), ...(o.parameters || [])].map(p => resolved(all, p))
  return html`<details class="operation" onToggle=${(/** @type {any} */ e) => set(e.target.open)}><summary><code class=${'method ' + method}>${method.toUpperCase()}</code> <code>${path}</code> ${withCode(o.summary)}</summary>
    ${open && html`${o.description && html`<p>${withCode(o.description)}</p>`}
      ${parameters.length > 0 && html`<dl>${parameters.map(p => html`<dt><code>${p.name}</code> ${p.in}</dt><dd>${withCode(p.description || resolved(all, p.schema).type)}</dd>`)}</dl>`}
      ${o.requestBody && html`<${Bodies} of=${resolved(all, o.requestBody)} all=${all} />`}
      <dl>${entries(o.responses).map(([status, r]) => html`<dt>${status}</dt><dd>${withCode(resolved(all, r).description)}<${Bodies} of=${resolved(all, r)} all=${all} /></dd>`)}</dl>`}</details>`
}

/**
 * Bodies shows the schema of each content type. Problems are left out: they are all
 * alike.
 * @param {{ of: Json, all: Json }} props
 */
const Bodies = ({ of, all }) => entries(of.content).filter(([type]) => !type.includes('problem'))
  .map(([type, { schema }]) => html`<p><code>${type}</code></p><pre tabindex="0">${JSON.stringify(expanded(all, schema, DEPTH), null, 2)}</pre>`)

/** @param {{ title: string, note: string, body: Json }} props */
function JsonDetails({ title, note, body }) {
  const [open, set] = useState(false)
  return html`<details class="operation" onToggle=${(/** @type {any} */ e) => set(e.target.open)}><summary><code>${title}</code> ${withCode(note)}</summary>${open && html`<pre tabindex="0">${JSON.stringify(body, null, 2)}</pre>`}</details>`
}

/**
 * resolved follows a reference within a document.
 * @type {(document: Json, x: Json) => Json}
 */
const resolved = (document, x) => x.$ref ? x.$ref.slice(2).split('/').reduce((/** @type {Json} */ o, /** @type {string} */ key) => o[key], document) : x

/**
 * expanded replaces references by what they refer to, down to a depth.
 * @type {(document: Json, x: Json, depth: number) => Json}
 */
function expanded(document, x, depth) {
  if (!x || typeof x !== 'object' || depth === 0) return x
  if (Array.isArray(x)) return x.map(y => expanded(document, y, depth))
  return x.$ref ? expanded(document, resolved(document, x), depth - 1) : Object.fromEntries(entries(x).map(([k, v]) => [k, expanded(document, v, depth)]))
}
