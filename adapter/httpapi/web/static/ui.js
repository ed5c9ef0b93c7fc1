// What the pages share.
import { html, useEffect, useState } from './vendor/htm-preact.js'
import { said, t } from './i18n.js'

// go opens a page of the application.
export function go(path) {
  history.pushState(null, '', path)
  dispatchEvent(new Event('popstate'))
  scrollTo(0, 0)
}

// useTitle names the page in the browser's tab.
export function useTitle(title) {
  useEffect(() => { document.title = title ? title + ' · Onsale' : 'Onsale' }, [title])
}

export function Link({ to, children, ...rest }) {
  const click = e => {
    if (e.metaKey || e.ctrlKey || e.shiftKey || e.button) return
    e.preventDefault()
    go(to)
  }
  return html`<a href=${to} onClick=${click} ...${rest}>${children}</a>`
}

// useAsked asks once for each key: [answer, error, again].
export function useAsked(ask, key) {
  const [is, set] = useState({}), [times, again] = useState(0)
  useEffect(() => {
    let gone = false
    ask().then(answer => gone || set({ key, answer }), error => gone || set({ key, error }))
    return () => { gone = true }
  }, [key, times])
  return is.key === key ? [is.answer, is.error, () => again(times + 1)] : [undefined, undefined, () => again(times + 1)]
}

export const Loading = () => html`<p class="loading" role="status">${t('app.loading')}</p>`

export const Failed = ({ error, again }) => html`<div class="failed" role="alert"><p>${said(error)}</p>${again && html`<button type="button" onClick=${again}>${t('app.again')}</button>`}</div>`

// Live says of streams whether all of them are there.
export function Live({ states }) {
  const is = states.includes('reconnecting') ? 'reconnecting' : states.every(s => s === 'live') ? 'live' : 'connecting'
  return html`<span class=${'live live-' + is} role="status">${t('live.' + is)}</span>`
}

// Note is what a person is told beside what they do; of answers it in the
// language of the moment.
export const Note = ({ of }) => html`<p class="note" role="status">${of?.()}</p>`

// useNote is such a note: [of, say].
export function useNote() {
  const [of, set] = useState()
  return [of, f => set(() => f)]
}

// LogIn leads to the log-in and back, and says why.
export const LogIn = ({ title, text }) => html`${title && html`<h1>${title}</h1>`}<p>${text}</p><${Link} to="/login?back" class="button main">${t('app.login')}<//>`

// stored is a value that is kept until the tab is closed or its user is another.
// A browser may refuse to keep anything.
export const stored = key => ({
  get: () => { try { return JSON.parse(sessionStorage.getItem(key)) } catch { return null } },
  set: value => { try { sessionStorage.setItem(key, JSON.stringify(value)) } catch { /* then it is typed again */ } },
})

export const dropStored = () => { try { sessionStorage.clear() } catch { /* nothing is kept */ } }

// Field is an input with its name. What stands in it at first is defaultValue:
// a value would be put back whenever the page is drawn anew.
export function Field({ name, label, help, ...input }) {
  return html`<label class="field"><span>${label}</span><input name=${name} ...${input} />${help && html`<small>${help}</small>`}</label>`
}

// values reads a form. The API takes text in normal form C alone.
export const values = form => Object.fromEntries([...new FormData(form)].map(([name, text]) => [name, text.normalize('NFC')]))

// useBusy runs one thing at a time and keeps what went wrong: [busy, error, run].
export function useBusy() {
  const [is, set] = useState({})
  const run = async f => {
    if (is.busy) return
    set({ busy: true })
    try {
      await f()
      set({})
    } catch (error) {
      set({ error })
    }
  }
  return [is.busy, is.error, run]
}
