// Flame graphs of whole servers: node test/bench/flame.mjs, on the Node that shall be drawn.
// Profiles each server under load, and writes docs/flame-graphs.md with its images.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { flameGraph, sharesOf, treeOf } from './flame-graph.mjs'
import { keepAliveLoad } from './load.mjs'

const REQUESTS = 15_000

const SERVERS = [
  ['fastify-truehop', 'Fastify with all four of truehop'],
  ['fastify-peers', 'Fastify with its own logger, BlockList and @fastify/rate-limit'],
  ['fastify-floor', 'Fastify with the same written by hand'],
]

/** What V8 saw of a server while it answered, once it was warm. */
async function profileOf(kind) {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-flame-'))
  const server = fileURLToPath(new URL('server.mjs', import.meta.url))
  const flags = ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${folder}`]
  const args = [...flags, '--cpu-prof-name=cpu.json', server, kind]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    const [{ port }] = await once(child, 'message')
    await keepAliveLoad(port, REQUESTS)
    const warm = performance.now()
    await keepAliveLoad(port, REQUESTS)
    const loaded = performance.now() - warm
    child.disconnect()
    await once(child, 'exit')
    return lastOf(JSON.parse(readFileSync(join(folder, 'cpu.json'), 'utf8')), loaded)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The last milliseconds of a profile: without what a server does when it starts. */
function lastOf(profile, milliseconds) {
  let [from, time] = [profile.samples.length, 0]
  while (from > 0 && time < 1000 * milliseconds) time += profile.timeDeltas[--from]
  const { samples, timeDeltas } = profile
  return { ...profile, samples: samples.slice(from), timeDeltas: timeDeltas.slice(from) }
}

const images = new URL('../../docs/images/flame/', import.meta.url)
mkdirSync(images, { recursive: true })
const sections = []
for (const [kind = '', title = ''] of SERVERS) {
  console.log(kind)
  const tree = treeOf(await profileOf(kind))
  writeFileSync(new URL(`${kind}.svg`, images), flameGraph(tree, title))
  const rows = sharesOf(tree).map(([name, share]) => `| ${name} | ${(100 * share).toFixed(1)} % |`)
  sections.push(
    `## ${title}\n\n![${title}](images/flame/${kind}.svg)\n\n| code of | share |\n| --- | --- |\n${rows.join('\n')}\n`,
  )
}
const date = new Date().toISOString().slice(0, 10)
writeFileSync(
  new URL('../../docs/flame-graphs.md', import.meta.url),
  `# Flame graphs

Written by \`npm run flame\`: Node ${process.version}, ${date}. A server of the [benchmarks](benchmarks.md) under
load, sampled every 0.2 ms while it works. Each bar is a function, as wide as its share of the time; below it stands
what it calls. Functions with less than 0.5 % are left out. Blue is truehop, orange are Fastify and other packages,
grey is Node, red what is native: system calls and collecting garbage. The titles of the bars say the shares.

${sections.join('\n')}`,
)
