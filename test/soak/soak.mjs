// Mixed good and hostile traffic while everything around fails: see soak.ts.
//
//   pnpm soak [--seconds 600] [--clients 24] [--seed 123456]
//
// Or normal traffic beside so many connections that send a byte of their PROXY header a second, for
// so many seconds a phase: see slow-headers.ts.
//
//   pnpm soak --slow-headers 5000 --seconds 20

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { slowHeaders } from './dist/test/soak/slow-headers.js'
import { soak } from './dist/test/soak/soak.js'

/** Bytes that the heap may be larger at the end: caches fill, code is compiled. */
const ROOM = 8 * 2 ** 20

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    clients: { type: 'string', default: '24' },
    'slow-headers': { type: 'string' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
  },
})
const connections = Number(values['slow-headers'] ?? 0)
// Of a soak as a whole; of slow headers for each of four phases.
const length = values.seconds ?? (connections > 0 ? '20' : '600')
const seconds = Number(length)
const clients = Number(values.clients)
const seed = Number(values.seed)
if (!(seconds > 0 && clients > 0 && Number.isInteger(seed))) {
  console.error('write --seconds and --clients as numbers above 0, --seed as an integer')
  process.exit(2)
}

if (connections > 0) {
  await reportSlowHeaders()
  process.exit()
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis) console.log('redis-server is not installed: the limiter counts in memory')
console.log(`seed ${seed}, ${clients} clients at a time, ${seconds} s`)
const report = await soak({
  seconds,
  clients,
  seed,
  redis: hasRedis ? 'redis-server' : undefined,
})
const { before, after, stopped, wrong, unhandled, ...counts } = report
for (const [name, count] of Object.entries(counts)) {
  console.log(`${name.padEnd(20)} ${count.toLocaleString('en').padStart(14)}`)
}
for (const [name, at] of Object.entries({ before, after, stopped })) {
  const heap = `${(at.heap / 2 ** 20).toFixed(1)} MiB heap`
  console.log(`${name.padEnd(20)} ${heap.padStart(14)}, ${JSON.stringify(at.handles)}`)
}
const total = (handles) => Object.values(handles).reduce((sum, count) => sum + count, 0)
const faults = [
  ...wrong,
  ...unhandled.map((error) => `unhandled: ${error}`),
  ...(after.heap - before.heap > ROOM ? ['the heap grew'] : []),
  ...(total(after.handles) > total(before.handles) + 2 ? ['handles are left'] : []),
]
console.log(faults.length === 0 ? 'no fault' : faults.join('\n'))
process.exitCode = faults.length === 0 ? 0 : 1

async function reportSlowHeaders() {
  const folder = new URL('dist/test/soak/', import.meta.url)
  const { without, attacked } = await slowHeaders(connections, seconds, folder)
  console.log(`${connections} connections that send a byte a second, ${seconds} s a phase`)
  for (const [index, quiet] of without.entries()) {
    const attack = attacked[index]
    if (attack === undefined) throw new Error('a phase without the attack has none with it')
    const each = (after, before) => ((after - before) / 1024 / attack.pending).toFixed(1)
    const times = ({ requests, p50, p99, share }) =>
      `${requests} requests, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${(share * 100).toFixed(0)} % of a core`
    console.log(`without   ${times(quiet)}`)
    console.log(`attacked  ${times(attack)}, ${attack.pending} pending`)
    console.log(`          p99 ${(attack.p99 / quiet.p99).toFixed(2)} times that of without`)
    console.log(
      `          ${each(attack.heap, quiet.heap)} KiB of heap and ${each(attack.rss, quiet.rss)} KiB resident a connection`,
    )
  }
}
