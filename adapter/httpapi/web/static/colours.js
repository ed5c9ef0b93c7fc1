// Colours as numbers, for what is drawn.

// parsed reads #rgb and #rrggbb.
const parsed = hex => (hex.length === 4 ? [...hex.slice(1)].map(c => c + c) : hex.slice(1).match(/../g)).map(c => parseInt(c, 16))

// mixed is a colour between two, as numbers.
export const mixed = (from, to, share) => { const a = parsed(from), b = parsed(to); return a.map((x, i) => Math.round(x + (b[i] - x) * share)) }

const luminance = rgb => rgb.map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4).reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0)

// contrast is that of WCAG, of numbers and a hex.
export function contrast(rgb, hex) {
  const [a, b] = [luminance(rgb), luminance(parsed(hex))].sort((x, y) => y - x)
  return (a + 0.05) / (b + 0.05)
}
