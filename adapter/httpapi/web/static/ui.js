// Parts that the pages share.
import { createContext, html, useContext, useEffect, useRef, useState } from './vendor/htm-preact.js'
import { errorText, problemText, t } from './i18n.js'

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
 * LoadFailed is shown in place of a page whose contents could not be loaded. It leads
 * home. What does not exist is not asked for again.
 * @param {{ title: string, error: any, again: () => void, to?: string, home?: string }} props
 */
export function LoadFailed({ title, error, again, to = '/', home = t('app.home') }) {
  return html`<h1>${title}</h1><${ErrorBox} error=${error} again=${error.status === 404 ? undefined : again} /><p><${Link} to=${to}>${home}<//></p>`
}

/**
 * withSeats returns a text whose part {seats} is a list of seats. No seat's id is
 * broken over two lines.
 * @param {string} key
 * @param {string[]} seats
 * @param {Record<string, unknown>} [parts]
 */
export function withSeats(key, seats, parts = {}) {
  const [before, after] = t(key, { ...parts, seats: '\n' }).split('\n')
  return html`${before}<${SeatList} seats=${seats} />${after}`
}

/** @param {{ seats: string[] }} props */
export const SeatList = ({ seats }) => seats.map((seat, i) => html`${i > 0 && t('list.between')}<span class="seat" key=${seat}>${seat}</span>`)

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
 * @param {{ of?: () => unknown }} props
 */
export const Note = ({ of }) => html`<p class="note" role="status">${of?.()}</p>`

/**
 * useNote returns a message for Note, and a function that sets or clears it.
 * @returns {[(() => unknown) | undefined, (f?: () => unknown) => void]}
 */
export function useNote() {
  const [is, set] = useState(/** @type {{ of?: () => unknown }} */ ({}))
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
  return html`<label class="field"><span>${label}</span><input name=${name} ...${useRefused(name)} ...${input} /><${Refusal} name=${name} />${help && html`<small>${help}</small>`}</label>`
}

/**
 * What a form was refused for: the problems of its fields by their names, and the rest
 * of the error, which belongs to no field.
 * @typedef {{ problems: Record<string, Api.FieldProblem>, rest?: unknown }} Refused
 */
const FormContext = createContext(/** @type {Refused} */ ({ problems: {} }))

/**
 * Form shows each problem of a refused request beside its field, until the field is
 * changed, and moves the focus to the first one. Fields that depend on each other are
 * in an element with data-together: a change of one clears them all. fieldOf returns
 * the name of the field that a JSON pointer means. FormError shows the rest.
 * @param {{ error: any, fieldOf?: (pointer: string) => string, children?: unknown, form?: Ref<HTMLFormElement>, onInput?: (e: any) => void } & Record<string, unknown>} props
 */
export function Form({ error, fieldOf = pointer => pointer.slice(1), children, form, onInput, ...rest }) {
  const own = useRef(/** @type {HTMLFormElement | null} */ (null)), box = form ?? own
  const [is, set] = useState(/** @type {Refused} */ ({ problems: {} }))
  const field = (/** @type {string} */ name) => /** @type {HTMLElement | null} */ (box.current?.querySelector(`[name="${CSS.escape(name)}"]`))
  useEffect(() => {
    /** @type {Refused['problems']} */
    const problems = {}
    const others = (error?.errors ?? []).filter((/** @type {Api.FieldProblem} */ e) => {
      const name = fieldOf(e.pointer)
      if (!field(name)) return true
      problems[name] ??= e
      return false
    })
    const all = Object.keys(problems)
    set({ problems, rest: error && (!all.length ? error : others.length ? { errors: others } : undefined) })
    const refused = all.map(field), first = [...box.current?.elements ?? []].find(e => refused.includes(/** @type {HTMLElement} */ (e)))
    if (first instanceof HTMLElement) first.focus()
  }, [error])
  const changed = (/** @type {any} */ e) => {
    const together = e.target.closest('[data-together]') ?? e.target
    const left = Object.entries(is.problems).filter(([name]) => !together.contains(field(name)))
    if (left.length < Object.keys(is.problems).length) set({ ...is, problems: Object.fromEntries(left) })
    onInput?.(e)
  }
  return html`<form ref=${box} onInput=${changed} ...${rest}><${FormContext.Provider} value=${is}>${children}<//></form>`
}

/**
 * useRefused returns attributes that mark a field which was refused.
 * @param {string} name
 */
export const useRefused = name => name in useContext(FormContext).problems ? { 'aria-invalid': 'true', 'aria-describedby': 'refused-' + name } : {}

/**
 * Refusal says why a field was refused.
 * @param {{ name: string }} props
 */
export function Refusal({ name }) {
  const problem = useContext(FormContext).problems[name]
  return problem && html`<small class="refused" id=${'refused-' + name} role="alert">${problemText(problem)}</small>`
}

// FormError shows what of a form's error belongs to none of its fields.
export function FormError() {
  const { rest } = useContext(FormContext)
  return rest && html`<${ErrorBox} error=${rest} />`
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
