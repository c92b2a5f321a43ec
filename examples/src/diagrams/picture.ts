import type { Explanation, IgnoredClaim, WalkStep } from '@truehop/identity'
import { type Chain, explainChain, nodesOf } from './chain.js'
import { DEFINITIONS, STYLE } from './style.js'

const WIDTH = 920
const MARGIN = 24
const BOX_HEIGHT = 76
const BOX_TOP = 54
const GAP = 74
const MAX_BOX = 190
const FIRST_LINE = 230
const LINE_HEIGHT = 30

/** Text in a sentence: plain, or an address or header in the fixed font. */
type Words = readonly (string | { readonly mono: string })[]

/**
 * The picture of a walk, as SVG for light and dark pages:
 *
 *     [client] ──> [edge] ──> [load balancer] ──> [your service]
 *         └──3───────┘ └──────2──────┘ └───────1───────┘
 *     1 The connection comes from …   2 Rule … trusts …   3 …
 */
export function pictureOf(chain: Chain): string {
  const explanation = explainChain(chain)
  const nodes = nodesOf(explanation)
  const lines = [firstLine(nodes[0] ?? ''), ...explanation.steps.map(stepLine)]
  const rest = [lastLine(explanation), ...explanation.ignored.map(ignoredLine)]
  const height = FIRST_LINE + LINE_HEIGHT * (lines.length + rest.length) - 4
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="14">`,
    '  <title id="title">The walk from the socket peer to the client</title>',
    `  <desc id="description">${escapeXml([...lines, ...rest].map(plain).join(' '))}</desc>`,
    STYLE,
    DEFINITIONS,
    `  <rect class="panel" x="1" y="1" width="${WIDTH - 2}" height="${height - 2}" rx="10"/>`,
    ...boxes(chain, nodes),
    ...lines.map((words, i) => numbered(words, i)),
    ...rest.map((words, i) => text(words, lines.length + i)),
    '</svg>',
    '',
  ].join('\n')
}

function firstLine(peer: string): Words {
  if (peer === 'unix') return ['The connection comes over the Unix socket, which has no address.']
  return [
    'The connection comes from ',
    { mono: peer },
    ': the operating system says so, no header.',
  ]
}

function stepLine({ node, rule, asserts, next }: WalkStep): Words {
  const header = asserts === 'proxy-protocol' ? 'PROXY header' : { mono: asserts }
  const says = next === undefined ? ', which names nobody.' : ', which says '
  const from: Words = [
    'Rule ',
    { mono: rule },
    ' trusts ',
    { mono: node },
    ' for its ',
    header,
    says,
  ]
  return next === undefined ? from : [...from, { mono: next }, '.']
}

function lastLine({ identity }: Explanation): Words {
  if (identity.status === 'undetermined')
    return ['Nobody can be named: ', { mono: identity.reason }, '.']
  const { ip, reason } = identity
  if (reason === 'peer-untrusted' || reason === 'first-untrusted') {
    return ['No rule trusts ', { mono: ip }, ': that is the client.']
  }
  return ['The walk ends at ', { mono: ip }, ': that is the client (', { mono: reason }, ').']
}

const WHY: Readonly<Record<IgnoredClaim['why'], string>> = {
  'no-rule': 'no rule reads it.',
  'sender-untrusted': 'no rule trusts who sent it.',
  'beyond-the-client': 'it stands beyond the client.',
}

function ignoredLine({ source, text: claim, why }: IgnoredClaim): Words {
  return ['Not read: ', { mono: `${source}: ${claim}` }, `; ${WHY[why]}`]
}

/** The parties from left to right, the ways between them, and the walk back. */
function boxes(chain: Chain, nodes: readonly string[]): string[] {
  const parties = [...nodes].reverse()
  const count = parties.length + 1
  const width = Math.min(MAX_BOX, (WIDTH - 2 * MARGIN - GAP * (count - 1)) / count)
  const gap = (WIDTH - 2 * MARGIN - width * count) / (count - 1)
  const left = (i: number) => Math.round(MARGIN + i * (width + gap))
  const middle = (i: number) => Math.round(left(i) + width / 2)
  return [
    '  <text class="quiet" x="24" y="34">the request goes this way</text>',
    `  <path class="way" d="M216 29H${WIDTH - MARGIN}" marker-end="url(#way)"/>`,
    `  <text class="quiet" x="${WIDTH - MARGIN}" y="203" text-anchor="end">the walk goes this way</text>`,
    ...parties.map((node, i) => {
      const style = i === 0 ? 'box found' : 'box trusted'
      return box(left(i), width, style, [chain.parties[node] ?? node, node])
    }),
    box(left(count - 1), width, 'box', ['your service']),
    ...parties.map((_, i) => way(left(i) + Math.round(width), left(i + 1))),
    ...parties.map((_, i) => arc(middle(i), middle(i + 1), parties.length - i)),
  ]
}

function box(x: number, width: number, style: string, [label = '', address]: string[]): string {
  const middle = Math.round(x + width / 2)
  const rect = `  <rect class="${style}" x="${x}" y="${BOX_TOP}" width="${Math.round(width)}" height="${BOX_HEIGHT}" rx="8"/>`
  const title = `<text class="text" x="${middle}" y="${address === undefined ? 97 : 86}" text-anchor="middle" font-weight="600">${escapeXml(label)}</text>`
  if (address === undefined) return rect + title
  const shown = address === 'unix' ? 'Unix socket' : address
  return `${rect}${title}<text class="text mono" x="${middle}" y="110" text-anchor="middle">${escapeXml(shown)}</text>`
}

function way(from: number, to: number): string {
  return `  <path class="way" d="M${from + 2} 92H${to - 2}" marker-end="url(#way)"/>`
}

/** From a party back to the one before it, with the number of the sentence about it. */
function arc(to: number, from: number, number: number): string {
  const [start, end] = [from - 10, to + 10]
  const curve = `  <path class="walk" d="M${start} 132C${start} 186 ${end + 4} 186 ${end} 136" marker-end="url(#walk)"/>`
  return curve + badge(Math.round((start + end) / 2), 172, number)
}

function badge(x: number, y: number, number: number): string {
  return `<circle class="step" cx="${x}" cy="${y}" r="11"/><text class="number" x="${x}" y="${y + 4.5}" text-anchor="middle">${number}</text>`
}

function numbered(words: Words, line: number): string {
  return `  ${badge(35, FIRST_LINE + line * LINE_HEIGHT, line + 1)}${text(words, line).trimStart()}`
}

function text(words: Words, line: number): string {
  const spans = words.map((word) =>
    typeof word === 'string'
      ? escapeXml(word)
      : `<tspan class="mono">${escapeXml(word.mono)}</tspan>`,
  )
  return `  <text class="text" x="58" y="${FIRST_LINE + line * LINE_HEIGHT + 5}">${spans.join('')}</text>`
}

function plain(words: Words): string {
  return words.map((word) => (typeof word === 'string' ? word : word.mono)).join('')
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
