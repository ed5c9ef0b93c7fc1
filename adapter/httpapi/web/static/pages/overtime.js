import { html, useEffect, useRef } from '../vendor/htm-preact.js'
import { lang, number, t } from '../i18n.js'

const steps = [1, 2, 5].flatMap(n => [0, 1, 2, 3, 4, 5].map(e => n * 10 ** e)).sort((a, b) => a - b) // there are no half seats

// OverTime draws what was sold, added up, from intervals.
export function OverTime({ intervals }) {
  const box = useRef(), plot = useRef(), data = useRef()
  let sum = 0
  data.current = [[], []]
  for (const i of intervals) { data.current[0].push(new Date(i.at) / 1000); data.current[1].push(sum += i.sold) }
  if (intervals.length) { data.current[0].unshift(data.current[0][0] - 60); data.current[1].unshift(0) }
  useEffect(() => {
    let gone = false
    // Buyers never need it.
    import('../vendor/uplot.js').then(({ default: uPlot }) => { if (!gone) plot.current = new uPlot(options(box.current), data.current, box.current) })
    return () => { gone = true; plot.current?.destroy() }
  }, [])
  useEffect(() => plot.current?.setData(data.current), [intervals])
  return html`<div class="chart" ref=${box} role="img" aria-label=${t('desk.time') + ': ' + number(sum)}></div>`
}

function options(box) {
  const style = getComputedStyle(box), mine = style.getPropertyValue('--mine')
  const axis = { stroke: style.getPropertyValue('--soft'), grid: { stroke: style.getPropertyValue('--line'), width: 1 }, ticks: { show: false } }
  const clock = new Intl.DateTimeFormat(lang(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }), day = new Intl.DateTimeFormat(lang(), { month: 'short', day: 'numeric' })
  return { width: box.clientWidth || 300, height: 200, legend: { show: false }, cursor: { show: false }, padding: [8, 24, 0, 0],
    axes: [{ ...axis, size: 28, space: 60, incrs: [60, 300, 900, 3600, 10800, 21600, 86400, 604800], values: (_, at) => at.map(s => (at.at(-1) - at[0] > 86400 * 2 ? day : clock).format(new Date(s * 1000))) },
      { ...axis, size: 56, incrs: steps, values: (_, at) => at.map(number) }],
    series: [{}, { stroke: mine, width: 2, points: { show: false }, fill: mine + '22' }] }
}
