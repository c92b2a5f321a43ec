// A process that writes an audit trail, for those who end it, fill its disk or write beside it. Runs on
// what the build wrote.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { auditTrail, verifyAudit } from '@truehop/log'

const [mode = '', file = '', keyFile, signingKey] = process.argv.slice(2)
const errors = []
const trail = auditTrail({
  file,
  address: 'full',
  keyFile,
  checkpoints:
    signingKey === undefined
      ? undefined
      : { keyFile: signingKey, file: `${file}.checkpoint`, every: 100 },
  maxPerSecond: 100_000,
  onError: ({ message }) => errors.push(message),
})
const record = (i) => trail.record('thing', { i, text: 'x'.repeat(100) })

/** Until somebody ends the process. */
async function forEver() {
  for (let i = 0; ; i++) {
    record(i)
    if (i % 50 === 0) await trail.flush()
    if (i === 2000) process.send?.('under way')
  }
}

/** Half of the disk is taken by something else, until the trail has found it full. */
async function fill() {
  const ballast = `${file}-ballast`
  await trail.flush()
  writeFileSync(ballast, Buffer.alloc(128 * 1024))
  let recorded = 0
  while (errors.length < 3 && recorded < 2000) {
    if (recorded < 600) record(recorded++)
    await wait(1)
  }
  const whileFull = errors.length
  rmSync(ballast)
  await wait(1100)
  await trail.close()
  const lines = readFileSync(file, 'latin1').split('\n')
  const intact = lines
    .filter((line) => /"hash":"[\da-f]{64}"\}$/.test(line))
    .map((l) => JSON.parse(l))
  const { ok, complete } = await verifyAudit(file)
  process.send?.({
    ok,
    complete,
    recorded,
    whileFull,
    errors: [...new Set(errors.map((message) => message.split(':')[0]))],
    things: intact.filter(({ event }) => event === 'thing').map(({ facts }) => facts.i),
    resumed: intact.filter(({ event }) => event === 'audit.resumed').length,
  })
}

async function beside() {
  record(0)
  await trail.close()
  process.send?.('done')
}

const modes = new Map(Object.entries({ forEver, fill, beside }))
await modes.get(mode)?.()
