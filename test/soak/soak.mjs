// Mixed good and hostile traffic while everything around fails: see soak.ts.
//
//   pnpm soak [--seconds 600] [--clients 24] [--seed 123456]

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { soak } from './dist/test/soak/soak.js'

/** Bytes that the heap may be larger at the end: caches fill, code is compiled. */
const ROOM = 8 * 2 ** 20

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    clients: { type: 'string', default: '24' },
    seed: { type: 'string', default: `${randomInt(2 ** 31)}` },
  },
})
const [seconds, clients, seed] = [values.seconds, values.clients, values.seed].map(Number)
if (!(seconds > 0 && clients > 0 && Number.isInteger(seed))) {
  console.error('write --seconds and --clients as numbers above 0, --seed as a whole number')
  process.exit(2)
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
