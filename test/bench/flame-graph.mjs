// A profile of V8 as a flame graph, drawn from the top: an SVG with a ground of its own, so that it reads
// on light and dark pages alike.

const [WIDTH, ROW, TOP] = [1200, 17, 40]
/** Narrower functions are not drawn. */
const LEAST = 0.005
/** Pixels that a letter takes, at the most. */
const LETTER = 6.6
/** Deeper calls are not drawn. */
const DEEPEST = 48

const COLOURS = { truehop: '#9cc9ea', package: '#f6c28b', node: '#d9dce1', native: '#f0a3a0' }

/** Calls with their time, functions of one name and file merged. Without the time in which nothing ran. */
export function treeOf({ nodes, samples, timeDeltas }) {
  const own = new Map()
  for (const [i, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + timeDeltas[i])
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const [root] = nodes
  return called(root, 'all', byId, own, 0)
}

function called(node, name, byId, own, depth) {
  const tree = {
    name,
    of: ownerOf(node.callFrame),
    own: own.get(node.id) ?? 0,
    time: 0,
    calls: new Map(),
  }
  for (const id of node.children ?? []) add(tree, byId.get(id), byId, own, depth)
  tree.time = [...tree.calls.values()].reduce((sum, { time }) => sum + time, tree.own)
  return tree
}

function add(tree, node, byId, own, depth) {
  const { functionName, url } = node.callFrame
  if (functionName === '(idle)' || functionName === '(program)') return
  const name = functionName === '' ? `(in ${fileOf(url)})` : functionName
  const one = called(node, name, byId, own, depth + 1)
  const key = `${name} ${url}`
  const other = tree.calls.get(key)
  tree.calls.set(key, other === undefined ? one : merged(other, one))
}

function merged(one, other) {
  const calls = new Map(one.calls)
  for (const [key, call] of other.calls) {
    const known = calls.get(key)
    calls.set(key, known === undefined ? call : merged(known, call))
  }
  return { ...one, own: one.own + other.own, time: one.time + other.time, calls }
}

const fileOf = (url) => url.split('/').at(-1) ?? ''

/** Whose code a function is: a package, `node`, or `native`. */
function ownerOf({ url }) {
  if (url === '') return 'native'
  if (url.startsWith('node:')) return 'node'
  const own = /\/packages\/([\w-]+)\//.exec(url)?.[1]
  if (own !== undefined) return `@truehop/${own}`
  const [name = '', scoped = ''] = (url.split('/node_modules/').at(-1) ?? '').split('/')
  if (!url.includes('/node_modules/')) return 'the service'
  return name.startsWith('@') ? `${name}/${scoped}` : name
}

/** Shares of the time by whose code it is, the largest first. */
export function sharesOf(tree) {
  const shares = new Map()
  const visit = ({ of, own, calls }) => {
    shares.set(of, (shares.get(of) ?? 0) + own / tree.time)
    for (const call of calls.values()) visit(call)
  }
  visit(tree)
  return [...shares].filter(([, share]) => share >= 2 * LEAST).sort(([, a], [, b]) => b - a)
}

export function flameGraph(tree, title) {
  const bars = []
  const draw = (call, left, depth) => {
    const width = (WIDTH * call.time) / tree.time
    if (call.time / tree.time < LEAST || depth > DEEPEST) return
    bars.push({ call, left, width, depth })
    let at = left
    const calls = [...call.calls.values()].sort((a, b) => b.time - a.time)
    for (const inner of calls) {
      draw(inner, at, depth + 1)
      at += (WIDTH * inner.time) / tree.time
    }
  }
  draw(tree, 0, 0)
  const height = TOP + ROW * (1 + Math.max(...bars.map(({ depth }) => depth))) + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}" font-family="ui-monospace, monospace" font-size="11">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="8" y="24" font-size="15" font-family="system-ui, sans-serif" fill="#111827">${escaped(title)}</text>
${bars.map((bar) => drawn(bar, tree.time)).join('\n')}
</svg>
`
}

function drawn({ call, left, width, depth }, all) {
  const y = TOP + ROW * depth
  const share = `${((100 * call.time) / all).toFixed(1)} %`
  const letters = Math.floor((width - 6) / LETTER)
  const name = call.name.length > letters ? call.name.slice(0, Math.max(0, letters - 1)) : call.name
  const label =
    letters < 3
      ? ''
      : `<text x="${(left + 3).toFixed(1)}" y="${y + 12}" fill="#111827">${escaped(name)}</text>`
  return `<g><title>${escaped(`${call.name}, ${call.of}: ${share}`)}</title><rect x="${left.toFixed(1)}" y="${y}" width="${Math.max(0.5, width - 0.5).toFixed(1)}" height="${ROW - 1}" fill="${colourOf(call.of)}"/>${label}</g>`
}

function colourOf(of) {
  if (of === 'native' || of === 'node') return COLOURS[of]
  return of.startsWith('@truehop/') || of === 'the service' ? COLOURS.truehop : COLOURS.package
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
}
