// Loads the same packages with import and with require, and prints what they make of each other.
import { createRequire } from 'node:module'
import { truehop } from '@truehop/fastify'
import * as identity from '@truehop/identity'
import * as ip from '@truehop/ip'
import fastify from 'fastify'

const require = createRequire(import.meta.url)
const other = { identity: require('@truehop/identity'), ip: require('@truehop/ip') }

const thrown = (run) => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

const policy = other.identity.definePolicy({ trust: ['loopback'], header: 'x-forwarded-for' })
const app = fastify()
await app.register(truehop, { policy })
app.get('/', (request) => ({
  ip: request.ip,
  same: identity.identityOf(request) === other.identity.identityOf(request),
}))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const answer = await fetch(url, { headers: { 'x-forwarded-for': '192.0.2.7' } })
const served = await answer.json()
await app.close()

const address = other.ip.parseAddress('192.0.2.7')
const error = thrown(() => other.identity.definePolicy({ trust: 1 }))
console.log(
  JSON.stringify({
    oneCopy: identity.Policy === other.identity.Policy && ip.Address === other.ip.Address,
    policy: policy instanceof identity.Policy,
    address: address instanceof ip.Address,
    inSet: ip.PrefixSet.from(['192.0.2.0/24']).has(address),
    outside: ip.PrefixSet.from(['198.51.100.0/24']).has(address),
    error: error instanceof identity.PolicyError && error instanceof identity.TruehopError,
    otherKind: error instanceof ip.PrefixError,
    served,
  }),
)
