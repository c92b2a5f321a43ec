import { channel } from 'node:diagnostics_channel'
import { bindServer, definePolicy } from '@truehop/identity'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { accessLog, type FastifyAccessLogOptions } from '../src/fastify.js'
import { AccessLog } from '../src/record/access-log.js'
import { exchange } from './identities.js'
import { ask, Lines } from './service.js'

async function anomaliesOf(
  from: string,
  headers: Record<string, string>,
  options: FastifyAccessLogOptions = {},
) {
  const lines = new Lines()
  const fastify = Fastify({ logger: { stream: lines, base: null }, forceCloseConnections: true })
  const hops = [{ from: [from], asserts: 'x-forwarded-for' }]
  bindServer(fastify.server, definePolicy({ hops }))
  await fastify.register(accessLog, options)
  fastify.get('/', async () => '')
  await fastify.listen({ port: 0, host: '127.0.0.1' })
  await ask(fastify.server, { path: '/', as: '203.0.113.9', headers })
  const record = await lines.record()
  await fastify.close()
  return record['truehop.identity.anomalies']
}

test('none for a request like any other', async () => {
  expect(await anomaliesOf('127.0.0.1', {})).toBeUndefined()
})

test('evidence from a peer that may not give any', async () => {
  expect(await anomaliesOf('10.0.0.1', {})).toEqual(['untrusted-claim:x-forwarded-for'])
})

test('contradicting evidence, where it is looked for', async () => {
  const headers = { forwarded: 'for=198.51.100.7' }
  expect(await anomaliesOf('127.0.0.1', headers)).toBeUndefined()
  expect(await anomaliesOf('127.0.0.1', headers, { conflicts: true })).toEqual([
    'conflict:forwarded',
  ])
})

test('under the names of each field set', () => {
  const odd = exchange({ anomalies: ['conflict:forwarded'] })
  expect(new AccessLog({}).record(odd).fields).toMatchObject({
    'truehop.identity.anomalies': ['conflict:forwarded'],
  })
  expect(new AccessLog({ fields: 'ecs' }).record(odd).fields).toMatchObject({
    truehop: { identity: { anomalies: ['conflict:forwarded'] } },
  })
})

test('messages of another form are passed over', () => {
  new AccessLog({ conflicts: true })
  for (const name of ['allowlist.decision', 'identity.untrusted_claim', 'identity.conflict']) {
    for (const message of [
      undefined,
      null,
      'text',
      {},
      { request: 1 },
      { request: {}, decision: 1 },
    ]) {
      expect(() => channel(`truehop.${name}`).publish(message)).not.toThrow()
    }
  }
})
