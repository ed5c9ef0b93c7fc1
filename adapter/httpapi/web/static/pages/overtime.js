import { html, useEffect, useRef, useState } from '../vendor/htm-preact.js'
import { iso4217, lang, money, number, t } from '../i18n.js'
import { Failed } from '../ui.js'

const steps = [1, 2, 5].flatMap(n => [0, 1, 2, 3, 4, 5, 6, 7].map(e => n * 10 ** e)).sort((a, b) => a - b) // there are no half seats

// The seconds of an interval, and how many of them there are at least: the API
// takes an hour only for more than 1,440 minutes, and a day for as many hours.
const widths = [[60, 0], [3600, 25], [86400, 61]]

// summed adds intervals up: [seconds, sum at that time]. It begins with the first
// interval and ends now; where nothing was sold, it stays.
export function summed(intervals, of, now) {
  const at = intervals.map(i => new Date(i.at) / 1000), [width] = widths.findLast(([w, least]) => at.length >= least && at.every(a => a % w === 0)) || widths[0]
  const times = [], sums = []
  let sum = 0
  const put = (time, value) => { times.push(time); sums.push(value) }
  intervals.forEach((interval, n) => {
    if (n === 0 || at[n] > times.at(-1)) put(at[n], sum)
    put(Math.max(at[n], Math.min(at[n] + width, now)), sum += of(interval)) // the last one goes on
  })
  if (times.length && now > times.at(-1)) put(now, sum)
  return [times, sums]
}

// OverTime draws what was sold, or its revenue, added up, from intervals.
export function OverTime({ intervals, currency }) {
  const [what, setWhat] = useState('sold'), [error, setError] = useState(), box = useRef(), plot = useRef(), data = useRef(), [now, setNow] = useState(seconds)
  const digits = 10 ** iso4217(currency), of = what === 'sold' ? i => i.sold : i => i.revenue.amount / digits
  const shown = what === 'sold' ? number : amount => money({ amount: Math.round(amount * digits), currency })
  data.current = summed(intervals, of, seconds())
  useEffect(() => {
    let gone = false, library
    const draw = () => {
      plot.current?.destroy()
      plot.current = gone ? null : new library(options(box.current, shown), data.current, box.current)
    }
    // Buyers never need it.
    const come = () => import('../vendor/uplot.js').then(({ default: uPlot }) => { library = uPlot; draw() }, () => setError({ code: 'offline' }))
    const dark = matchMedia('(prefers-color-scheme: dark)'), size = new ResizeObserver(() => plot.current?.setSize({ width: box.current.clientWidth, height: HEIGHT }))
    const recolour = () => { if (library) draw() }
    dark.addEventListener('change', recolour)
    size.observe(box.current)
    come()
    return () => { gone = true; dark.removeEventListener('change', recolour); size.disconnect(); plot.current?.destroy(); plot.current = null }
  }, [what])
  useEffect(() => { plot.current?.setData(data.current) }, [intervals, now])
  useEffect(() => { // time goes on when nothing is sold, too
    const timer = setInterval(() => setNow(seconds()), MINUTE)
    return () => clearInterval(timer)
  }, [])
  const choice = (is, text) => html`<label><input type="radio" name="over-time" checked=${what === is} onChange=${() => setWhat(is)} /> ${text}</label>`
  return html`<p class="choice">${choice('sold', t('desk.sold_over'))} ${choice('revenue', t('desk.revenue'))}</p>
    ${error && html`<${Failed} error=${error} />`}
    <div class="chart" ref=${box} role="img" aria-label=${t('desk.time') + ': ' + shown(data.current[1].at(-1) || 0)}></div>`
}

const HEIGHT = 200 // pixels
const MINUTE = 60000 // ms

const seconds = () => Date.now() / 1000

function options(box, shown) {
  const style = getComputedStyle(box), mine = style.getPropertyValue('--mine')
  const axis = { stroke: style.getPropertyValue('--soft'), grid: { stroke: style.getPropertyValue('--line'), width: 1 }, ticks: { show: false } }
  const clock = new Intl.DateTimeFormat(lang(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }), day = new Intl.DateTimeFormat(lang(), { month: 'short', day: 'numeric' })
  const times = (_, at) => at.map(s => (at.at(-1) - at[0] > 86400 * 2 ? day : clock).format(new Date(s * 1000)))
  return {
    width: box.clientWidth || 300, height: HEIGHT, legend: { show: false }, cursor: { show: false }, padding: [8, 24, 0, 0],
    axes: [
      { ...axis, size: 32, gap: 8, space: 60, incrs: [60, 300, 900, 3600, 10800, 21600, 86400, 604800], values: times },
      { ...axis, size: (_, texts) => 14 + 7 * Math.max(4, ...(texts || []).map(text => text.length)), incrs: steps, values: (_, at) => at.map(shown) },
    ],
    series: [{}, { stroke: mine, width: 2, points: { show: false }, fill: mine + '22' }],
  }
}
