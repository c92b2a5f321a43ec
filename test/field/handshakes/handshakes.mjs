// TLS clients whose handshakes overlap and wait for callbacks, on every supported Node: see cells.ts.
//
//   pnpm handshakes [--clients 24] [--node 22]

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CELLS } from './dist/test/field/handshakes/cells.js'
import { runCell } from './dist/test/field/handshakes/run.js'
import { NODE_VERSIONS, nodePath } from './dist/test/packaging/node-versions.js'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '24' },
    node: { type: 'string' },
    here: { type: 'boolean', default: false },
  },
})
const clients = Number(values.clients)
if (!Number.isInteger(clients) || clients < 1 || clients > 200) {
  console.error('write --clients as a whole number from 1 to 200')
  process.exit(2)
}
if (values.here) await runHere()
else await runEverywhere(values.node === undefined ? NODE_VERSIONS : [values.node])

async function runEverywhere(versions) {
  const script = fileURLToPath(import.meta.url)
  for (const version of versions) {
    const args = [script, '--here', '--clients', `${clients}`]
    try {
      execFileSync(await nodePath(version), args, { stdio: 'inherit' })
    } catch {
      process.exitCode = 1
    }
  }
}

async function runHere() {
  const pem = readFileSync(
    new URL('../../../packages/proxy-protocol/test/fixtures/localhost.pem', import.meta.url),
  )
  const sum = { answers: 0, callbacks: 0, resumed: 0, wrong: 0 }
  for (const cell of CELLS) {
    const { wrong, ...counts } = await runCell(cell, clients, pem)
    for (const [name, count] of Object.entries(counts)) sum[name] += count
    sum.wrong += wrong.length
    if (wrong.length > 0) console.log(JSON.stringify(cell), wrong.slice(0, 3))
  }
  const { answers, callbacks, resumed, wrong } = sum
  console.log(
    `${process.version}: ${CELLS.length} cells, ${answers} answers, ${callbacks} callbacks, ${resumed} sessions resumed, ${wrong} wrong`,
  )
  process.exitCode = wrong === 0 ? 0 : 1
}
