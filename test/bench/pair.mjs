// Servers against each other, for whoever changes something: each change alone, before and after.
//
//   node test/bench/pair.mjs fastify-truehop fastify-peers [--rounds 7] [--turns 5]
//   node test/bench/pair.mjs fastify-truehop ../before:fastify-truehop
//
// A kind with a path before it is that of another checkout, which must be built.

import { parseArgs } from 'node:util'
import { ratioOf, round } from './rows.mjs'
import { frameworkServers, WARM } from './servers.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    turns: { type: 'string', default: '5' },
    requests: { type: 'string', default: '2000' },
    warm: { type: 'string', default: String(WARM) },
  },
})
const options = Object.fromEntries(
  Object.entries(values).map(([name, text]) => [name, Number(text)]),
)
const servers = await frameworkServers(positionals, options)
const [first = ''] = positionals
for (const [kind, server] of Object.entries(servers)) {
  const ratio = kind === first ? '' : `${ratioOf(server, servers[first]).text} ${first}`
  console.log(`${kind}: ${round(server.cpu)} µs CPU of a request; ${ratio}`)
}
