import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { lang, money, number, t } from '../i18n.js'
import { minorDigits } from '../money.js'
import { ErrorBox } from '../ui.js'

/** @typedef {typeof import('uplot')} UPlot */

const steps = [1, 2, 5].flatMap(n => [0, 1, 2, 3, 4, 5, 6, 7].map(e => n * 10 ** e)).sort((a, b) => a - b) // whole numbers: half a seat is never sold

// Widths that an interval can have, in seconds, with the least number of intervals at
// that width. The API uses hours only for more than 1,440 minutes, and days likewise.
const widths = [[60, 0], [3600, 25], [86400, 61]]

/**
 * summed adds intervals up and returns times in seconds, and the sum at each. It begins
 * with the first interval and ends now.
 * @template {{ at: string }} Interval
 * @param {Interval[]} intervals
 * @param {(interval: Interval) => number} of
 * @param {number} now
 * @returns {[times: number[], sums: number[]]}
 */
export function summed(intervals, of, now) {
  const at = intervals.map(i => Date.parse(i.at) / 1000), [width] = widths.findLast(([w, least]) => at.length >= least && at.every(a => a % w === 0)) || widths[0]
  /** @type {number[]} */
  const times = [], sums = /** @type {number[]} */ ([])
  let sum = 0
  const put = (/** @type {number} */ time, /** @type {number} */ value) => { times.push(time); sums.push(value) }
  intervals.forEach((interval, n) => {
    if (n === 0 || at[n] > times[times.length - 1]) put(at[n], sum)
    put(Math.max(at[n], Math.min(at[n] + width, now)), sum += of(interval)) // the last interval has not ended yet
  })
  if (times.length && now > times[times.length - 1]) put(now, sum)
  return [times, sums]
}

/**
 * SalesChart draws the seats sold so far, or the revenue, over time.
 * @param {{ intervals: Api.SalesInterval[], currency: string }} props
 */
export function SalesChart({ intervals, currency }) {
  const [what, setWhat] = useState('sold'), [error, setError] = useState(/** @type {unknown} */ (undefined)), [now, setNow] = useState(seconds)
  const box = useRef(/** @type {HTMLElement | null} */ (null)), plot = useRef(/** @type {InstanceType<UPlot> | null} */ (null))
  const digits = 10 ** minorDigits(currency)
  const of = (/** @type {Api.SalesInterval} */ i) => what === 'sold' ? i.sold : i.revenue.amount / digits
  const shown = (/** @type {number} */ n) => what === 'sold' ? number(n) : money({ amount: Math.round(n * digits), currency })
  const data = useRef(/** @type {[number[], number[]]} */ ([[], []]))
  data.current = summed(intervals, of, seconds())
  useEffect(() => {
    const at = box.current
    if (!at) return
    let gone = false
    /** @type {UPlot | undefined} */
    let library
    const draw = () => {
      plot.current?.destroy()
      plot.current = gone || !library ? null : new library(options(at, shown), data.current, at)
    }
    // Loaded here, since buyers never need it.
    import('../vendor/uplot.js').then(({ default: uPlot }) => { library = uPlot; draw() }, () => setError({ code: 'offline' }))
    const dark = matchMedia('(prefers-color-scheme: dark)'), size = new ResizeObserver(() => plot.current?.setSize({ width: at.clientWidth, height: HEIGHT }))
    dark.addEventListener('change', draw)
    size.observe(at)
    return () => { gone = true; dark.removeEventListener('change', draw); size.disconnect(); plot.current?.destroy(); plot.current = null }
  }, [what])
  useEffect(() => { plot.current?.setData(data.current) }, [intervals, now])
  useEffect(() => { // the curve goes on when nothing is sold
    const timer = setInterval(() => setNow(seconds()), MINUTE)
    return () => clearInterval(timer)
  }, [])
  /** @type {(is: string, text: string) => unknown} */
  const choice = (is, text) => html`<label><input type="radio" name="over-time" checked=${what === is} onChange=${() => setWhat(is)} /> ${text}</label>`
  return html`<p class="choice">${choice('sold', t('desk.sold_over'))} ${choice('revenue', t('desk.revenue'))}</p>
    ${error && html`<${ErrorBox} error=${error} />`}
    <div class="chart" ref=${box} role="img" aria-label=${t('desk.time') + ': ' + shown(data.current[1].at(-1) ?? 0)}></div>`
}

const HEIGHT = 200 // pixels
const MINUTE = 60000 // ms

const seconds = () => Date.now() / 1000

/**
 * options returns uPlot's options in the colours and the language of the page.
 * @param {HTMLElement} box
 * @param {(n: number) => string} shown
 * @returns {import('uplot').Options}
 */
function options(box, shown) {
  const style = getComputedStyle(box), mine = style.getPropertyValue('--mine')
  const axis = { stroke: style.getPropertyValue('--soft'), grid: { stroke: style.getPropertyValue('--line'), width: 1 }, ticks: { show: false } }
  const clock = new Intl.DateTimeFormat(lang(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }), day = new Intl.DateTimeFormat(lang(), { month: 'short', day: 'numeric' })
  const times = (/** @type {unknown} */ _, /** @type {number[]} */ at) => at.map(s => (at[at.length - 1] - at[0] > 86400 * 2 ? day : clock).format(new Date(s * 1000)))
  return {
    width: box.clientWidth || 300, height: HEIGHT, legend: { show: false }, cursor: { show: false }, padding: [8, 24, 0, 0],
    axes: [
      { ...axis, size: 32, gap: 8, space: 60, incrs: [60, 300, 900, 3600, 10800, 21600, 86400, 604800], values: times },
      { ...axis, size: (_, texts) => 14 + 7 * Math.max(4, ...(texts || []).map(text => text.length)), incrs: steps, values: (_, at) => at.map(n => shown(n)) },
    ],
    series: [{}, { stroke: mine, width: 2, points: { show: false }, fill: mine + '22' }],
  }
}
