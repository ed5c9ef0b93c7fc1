// Colours as numbers, for the canvas.

/** @typedef {[red: number, green: number, blue: number]} RGB */

/**
 * parse reads #rgb and #rrggbb.
 * @param {string} hex
 * @returns {number[]}
 */
const parse = hex => (hex.length === 4 ? [...hex.slice(1)].map(c => c + c) : hex.slice(1).match(/../g) || []).map(c => parseInt(c, 16))

/**
 * mix returns a colour between two: from if share is 0, to if it is 1.
 * @param {string} from
 * @param {string} to
 * @param {number} share
 */
export const mix = (from, to, share) => { const a = parse(from), b = parse(to); return a.map((x, i) => Math.round(x + (b[i] - x) * share)) }

/** @param {number[]} rgb */
const luminance = rgb => rgb.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4).reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0)

/**
 * contrast returns the contrast ratio of two colours by WCAG.
 * @param {number[]} rgb
 * @param {string} hex
 */
export function contrast(rgb, hex) {
  const [a, b] = [luminance(rgb), luminance(parse(hex))].sort((x, y) => y - x)
  return (a + 0.05) / (b + 0.05)
}
