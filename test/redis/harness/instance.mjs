// One instance of a service that shares entries: does what it is told, and reports. Runs on what the
// build wrote.
import { subscribe } from 'node:diagnostics_channel'
import { sharedEntries } from '@truehop/allowlist'
import { parseAddress } from '@truehop/ip'
import { auditTrail } from '@truehop/log'
import { Redis } from 'ioredis'

const { port, by, audit } = JSON.parse(process.argv[2] ?? '')
const trail = audit === undefined ? undefined : auditTrail({ file: audit, address: 'full' })
const redis = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 100 })
const changes = []
subscribe('truehop.allowlist.changed', (message) => changes.push(message))
const entries = sharedEntries({ client: redis, name: 'bans', by })
await entries.ready

const known = (text) => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(text)
  return address
}

const acts = {
  add: (entry, options) => entries.add(entry, options),
  remove: (entry, options) => entries.remove(entry, options),
  match: (address) => entries.match(known(address))?.entry ?? null,
  details: () => [...entries.details()],
  changes: () => changes,
  flush: () => trail?.flush(),
}
process.on('message', async ({ id, act, args }) => {
  process.send?.({ id, result: await acts[act](...args) })
})
process.send?.('ready')
