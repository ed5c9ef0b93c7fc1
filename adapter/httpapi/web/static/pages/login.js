import { html, useState } from '../vendor/htm-preact.js'
import { post } from '../api.js'
import { t } from '../i18n.js'
import { Field, Form, FormError, formValues, navigate, useAction, useTitle } from '../ui.js'

/**
 * LogIn logs in, or creates an account first.
 * @param {PageProps} props
 */
export function LogIn({ session }) {
  const [isNew, setNew] = useState(false), [busy, error, run] = useAction()
  useTitle(t(isNew ? 'register.title' : 'login.title'))
  /** @param {SubmitEvent & { target: HTMLFormElement }} e */
  const submit = e => {
    e.preventDefault()
    const v = formValues(e.target)
    run(async () => {
      if (isNew) {
        await post('/v1/users', v)
        setNew(false) // the account exists now, even if the log-in fails
      }
      const user = await session.logIn(v.email, v.password)
      if (history.length > 1 && new URLSearchParams(location.search).has('back')) history.back()
      else navigate(user.role === 'seller' ? '/sell' : '/')
    })
  }
  const turn = () => { setNew(!isNew); run(() => {}) } // the error was that of the other form
  return html`<${Form} class="narrow" error=${error} onSubmit=${submit}>
    <h1>${t(isNew ? 'register.title' : 'login.title')}</h1>
    <${Field} name="email" label=${t('login.email')} type="email" autocomplete="username" required />
    <${Field} name="password" label=${t('login.password')} type="password" autocomplete=${isNew ? 'new-password' : 'current-password'} minlength=${isNew ? 8 : 1} required />
    ${isNew && html`
      <${Field} name="name" label=${t('register.name')} autocomplete="name" maxlength="128" required />
      <fieldset><legend>${t('register.role')}</legend>
        <label><input type="radio" name="role" value="buyer" defaultChecked /> ${t('register.buyer')}</label>
        <label><input type="radio" name="role" value="seller" /> ${t('register.seller')}</label>
      </fieldset>`}
    <${FormError} />
    <button class="main" disabled=${busy}>${t(isNew ? 'register.do' : 'login.do')}</button>
    <button type="button" class="plain" onClick=${turn}>${t(isNew ? 'login.have' : 'login.new')}</button>
  <//>`
}
