// Line plots with logarithmic axes, as SVG.

const [WIDTH, HEIGHT] = [640, 360]
const [LEFT, RIGHT, TOP, BOTTOM] = [80, 20, 44, 56]
const COLOURS = ['#0b6e99', '#c2410c', '#6b7280']
const DASHES = ['', '7 4', '2 3']

/** `lines`: `[{ name, points: [[x, y], …] }]`, all numbers above 0. */
export function logPlot({ title, x, y, lines }) {
  const points = lines.flatMap((line) => line.points)
  const across = scale(
    points.map(([at]) => at),
    LEFT,
    WIDTH - RIGHT,
  )
  const up = scale(
    points.map(([, at]) => at),
    HEIGHT - BOTTOM,
    TOP,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="${WIDTH / 2}" y="20" text-anchor="middle" font-size="14" fill="#111827">${title}</text>
${across.ticks.map((tick) => verticalTick(across.at(tick), tick)).join('\n')}
${up.ticks.map((tick) => horizontalTick(up.at(tick), tick)).join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle" fill="#374151">${x}</text>
<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle" fill="#374151">${y}</text>
${lines.map((line, i) => drawn(line, i, across, up)).join('\n')}
</svg>
`
}

function scale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  const at = (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from)
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
  return { at, ticks }
}

function verticalTick(at, value) {
  return `<line x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#e5e7eb"/><text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#374151">${short(value)}</text>`
}

function horizontalTick(at, value) {
  return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="#e5e7eb"/><text x="${LEFT - 8}" y="${at + 4}" text-anchor="end" fill="#374151">${short(value)}</text>`
}

function drawn({ name, points }, index, across, up) {
  const places = points.map(([x, y]) => `${across.at(x).toFixed(1)},${up.at(y).toFixed(1)}`)
  const colour = COLOURS[index % COLOURS.length]
  const dash = DASHES[index % DASHES.length]
  const dots = places.map((place) => {
    const [x, y] = place.split(',')
    return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`
  })
  const legend = `<text x="${LEFT + 10}" y="${TOP + 16 + 16 * index}" fill="${colour}">${name}</text>`
  return `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>${dots.join('')}${legend}`
}

function short(value) {
  if (value >= 1e6) return `${value / 1e6}M`
  if (value >= 1e3) return `${value / 1e3}k`
  return `${value}`
}
