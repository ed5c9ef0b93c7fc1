// Parts that the pages share.
import { html, useEffect, useState } from './vendor/htm-preact.js'
import { errorText, t } from './i18n.js'

/**
 * navigate opens a page of the application.
 * @param {string} path
 */
export function navigate(path) {
  history.pushState(null, '', path)
  dispatchEvent(new Event('popstate'))
  scrollTo(0, 0)
}

/**
 * useTitle sets the title of the browser's tab.
 * @param {string | undefined | false} title
 */
export function useTitle(title) {
  useEffect(() => { document.title = title ? title + ' · Onsale' : 'Onsale' }, [title])
}

/** @param {{ to: string, children?: unknown } & Record<string, unknown>} props */
export function Link({ to, children, ...rest }) {
  /** @param {MouseEvent} e */
  const click = e => {
    if (e.metaKey || e.ctrlKey || e.shiftKey || e.button) return
    e.preventDefault()
    navigate(to)
  }
  return html`<a href=${to} onClick=${click} ...${rest}>${children}</a>`
}

/**
 * useFetched calls load once for each key and returns its answer, its error, and a
 * function that calls it again.
 * @template T
 * @param {() => Promise<T>} load
 * @param {unknown} key
 * @returns {[T | undefined, unknown, () => void]}
 */
export function useFetched(load, key) {
  const [is, set] = useState(/** @type {{ key?: unknown, answer?: T, error?: unknown }} */ ({})), [times, setTimes] = useState(0)
  useEffect(() => {
    let gone = false
    load().then(answer => gone || set({ key, answer }), error => gone || set({ key, error }))
    return () => { gone = true }
  }, [key, times])
  const again = () => setTimes(times + 1)
  return is.key === key ? [is.answer, is.error, again] : [undefined, undefined, again]
}

export const Loading = () => html`<p class="loading" role="status">${t('app.loading')}</p>`

/** @param {{ error: unknown, again?: () => void }} props */
export const ErrorBox = ({ error, again }) => html`<div class="failed" role="alert"><p>${errorText(error)}</p>${again && html`<button type="button" onClick=${again}>${t('app.again')}</button>`}</div>`

/**
 * LiveBadge shows one state for all streams of a page.
 * @param {{ states: StreamState[] }} props
 */
export function LiveBadge({ states }) {
  const is = (/** @type {StreamState[]} */ (['reading', 'reconnecting', 'connecting'])).find(s => states.includes(s)) ?? 'live'
  return html`<span class=${'live live-' + is} role="status">${t('live.' + is)}</span>`
}

/**
 * Note shows a short message beside what somebody does. The message is a function, so
 * that it follows a change of language.
 * @param {{ of?: () => string }} props
 */
export const Note = ({ of }) => html`<p class="note" role="status">${of?.()}</p>`

/**
 * useNote returns a message for Note, and a function that sets or clears it.
 * @returns {[(() => string) | undefined, (f?: () => string) => void]}
 */
export function useNote() {
  const [is, set] = useState(/** @type {{ of?: () => string }} */ ({}))
  return [is.of, of => set({ of })]
}

/**
 * LogInPrompt says why somebody must log in, and leads there and back.
 * @param {{ title?: string, text: string }} props
 */
export const LogInPrompt = ({ title, text }) => html`${title && html`<h1>${title}</h1>`}<p>${text}</p><${Link} to="/login?back" class="button main">${t('app.login')}<//>`

/**
 * tabStorage keeps a value until the tab is closed or another user logs in. A browser
 * may refuse to store anything.
 * @param {string} key
 */
export const tabStorage = key => ({
  /** @returns {any} */
  get: () => { try { return JSON.parse(sessionStorage.getItem(key) ?? 'null') } catch { return null } },
  /** @param {unknown} value */
  set: value => { try { sessionStorage.setItem(key, JSON.stringify(value)) } catch { /* then it must be typed again */ } },
})

export const clearTabStorage = () => { try { sessionStorage.clear() } catch { /* nothing is stored */ } }

/**
 * Field is an input with its label. Its first value is defaultValue: a value would be
 * set again each time the page is drawn.
 * @param {{ name: string, label: string, help?: unknown } & Record<string, unknown>} props
 */
export function Field({ name, label, help, ...input }) {
  return html`<label class="field"><span>${label}</span><input name=${name} ...${input} />${help && html`<small>${help}</small>`}</label>`
}

/**
 * formValues reads a form. The API takes text in Unicode NFC only.
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
export const formValues = form => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).normalize('NFC')]))

/**
 * useAction runs one action at a time. It returns whether one runs, the error of the
 * last one, and the function that runs one.
 * @returns {[boolean, any, (action: () => unknown) => Promise<void>]}
 */
export function useAction() {
  const [is, set] = useState(/** @type {{ busy?: boolean, error?: unknown }} */ ({}))
  return [Boolean(is.busy), is.error, async action => {
    if (is.busy) return
    set({ busy: true })
    try {
      await action()
      set({})
    } catch (error) {
      set({ error })
    }
  }]
}
