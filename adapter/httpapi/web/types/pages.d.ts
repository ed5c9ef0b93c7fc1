// Types that several pages share.
import type { Hall, Seat } from '../static/hall.js'
import type { View } from '../static/view.js'

declare global {
  interface Window {
    onsaleView?: View // for tests and measurements
  }

  // What /site.json says of the installation.
  type Site = { demo?: { buyer: string, seller: string, password: string } | null, session?: boolean }

  // Who is logged in. The user is null if nobody is, and undefined while that is not known.
  type Login = {
    user?: Api.User | null
    turn: number // another number for another user
    site: Site
    error?: unknown
    unknown?: unknown // why it is not known
    check: () => void
    logIn: (email: string, password: string) => Promise<Api.User>
    logOut: () => Promise<void>
  }

  type PageProps = { id: string, session: Login }

  // What a stream's state is called in the texts.
  type StreamState = 'connecting' | 'live' | 'reconnecting' | 'reading'

  // A reference as useRef makes it.
  type Ref<T> = { current?: T | null }
  type HallProps = { hall: Hall, onSeat: (seat: Seat) => void }
}
