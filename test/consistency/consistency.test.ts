import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReferenceRule } from '../../packages/identity/test/reference-walk.js'
import { send } from './connection.js'
import { referenceClient } from './reference.js'
import { type Service, startService } from './service.js'
import { agreed, Sightings } from './sightings.js'
import { tracing } from './spans.js'
import { type Senders, type Traffic, type TrafficRequest, traffic } from './traffic.js'

/** Connections to each service; two requests and a half on each of them on average. */
const numRuns = Number(process.env['TRUEHOP_CONNECTIONS'] ?? 300)

const SENDERS: Senders = { peer: '127.0.0.2', source: '10.9.0.1' }

interface Setting {
  readonly name: string
  readonly hops: readonly ReferenceRule[]
  readonly maxHops: number
  readonly senders?: Senders
}

const BALANCER: ReferenceRule = { from: ['127.0.0.2', '10.9.0.0/16'], asserts: 'proxy-protocol' }

const SETTINGS: readonly Setting[] = [
  {
    name: 'a kind of evidence for each proxy',
    hops: [
      BALANCER,
      { from: ['127.0.0.3', '10.1.0.0/16', '2001:db8:ffff::/48'], asserts: 'x-forwarded-for' },
      { from: ['127.0.0.4', '10.2.0.0/15'], asserts: 'forwarded' },
      { from: ['127.0.0.5', '10.3.0.0/16'], asserts: 'x-real-ip' },
    ],
    maxHops: 64,
    senders: SENDERS,
  },
  {
    name: 'required evidence, depth, and few hops',
    hops: [
      BALANCER,
      {
        from: ['127.0.0.3', '10.1.0.0/16', '2001:db8:ffff::/48'],
        asserts: 'x-forwarded-for',
        depth: 2,
      },
      { from: ['127.0.0.0/29', '10.2.0.0/16'], asserts: 'forwarded', required: true },
      { from: ['10.2.0.0/15'], asserts: 'x-forwarded-for' },
    ],
    maxHops: 3,
    senders: SENDERS,
  },
  {
    name: 'one header',
    hops: [
      {
        from: ['127.0.0.0/29', '10.0.0.0/8', '2001:db8:ffff::/48'],
        asserts: 'x-forwarded-for',
      },
    ],
    maxHops: 64,
  },
]

const instrument = tracing()

describe.each(SETTINGS)('$name', ({ hops, maxHops, senders }) => {
  describe.each(['fastify', 'express'] as const)('%s', (framework) => {
    const sightings = new Sightings()
    let service: Service
    let asked = 0

    beforeAll(async () => {
      const proxyProtocol = { direct: 'accept', maxHeaders: 2 } as const
      const policy = { hops, maxHops, ...(senders && { proxyProtocol }) }
      service = await startService(framework, { policy, sightings, instrument })
    })
    afterAll(() => service.stop())

    test('everybody names the client that the reference names', { timeout: 120_000 }, async () => {
      const clients = new Set<string>()
      const property = fc.asyncProperty(traffic(senders), async (given) => {
        const expected = given.requests.map((request) => clientOf(given, request))
        for (const client of expected) clients.add(client)
        expect(await sightingsOf(given)).toEqual(expected.map(sightingOf))
      })
      await fc.assert(property, { numRuns })
      expect(asked).toBeGreaterThan(2 * numRuns)
      // Trusted peers and strangers, and those that their proxies name, of both versions.
      expect(clients.size).toBeGreaterThan(10)
      expect(clients).toContain('undetermined')
    })

    function clientOf(given: Traffic, request: TrafficRequest): string {
      return referenceClient(hops, maxHops, given, request)
    }

    async function sightingsOf(given: Traffic): Promise<unknown[]> {
      const requests = given.requests.map((request) => ({ ...request, path: `/${++asked}` }))
      const statuses = await send(service.port, { ...given, requests })
      expect(statuses).toEqual(requests.map(() => 200))
      return Promise.all(requests.map(({ path }) => sightings.take(path)))
    }
  })
})

function sightingOf(client: string): unknown {
  return client === 'undetermined'
    ? agreed('unknown', expect.stringMatching(/^undetermined:/))
    : agreed(client, client)
}
