import truehopFastify from '@truehop/fastify'
import { definePolicy, identityOf, type PolicyOptions } from '@truehop/identity'
import { asClient, type ClientOptions } from '@truehop/testing'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { stopAfterEach, stopLater } from './site.js'

stopAfterEach()

const CLIENT = '198.51.100.7'
const LISTS: PolicyOptions = { trust: ['10.0.0.0/8'], header: 'x-forwarded-for' }
const PROXY: PolicyOptions = { hops: [{ from: ['10.0.0.0/8'], asserts: 'proxy-protocol' }] }

interface Seen {
  readonly ip: string | undefined
  readonly port: number | undefined
  readonly source: string | undefined
}

/** Who a service with that policy says the client of an injected request is. */
type Seeing = (policy: PolicyOptions, options: ClientOptions) => Promise<Seen>

const seeing: Seeing = async (policy, options) => {
  const app = fastify()
  stopLater(() => app.close())
  await app.register(truehopFastify, policy)
  app.get('/', async (request): Promise<Seen> => {
    const { ip, port, source } = identityOf(request)
    return { ip, port, source }
  })
  return (await app.inject(asClient(CLIENT, options).inject('/'))).json()
}

const CASES: readonly OptionCase<Seeing>[] = [
  {
    option: 'policy',
    value: 'what definePolicy() returns',
    sees: async (seen) => {
      const policy = definePolicy(LISTS)
      expect(await seen(LISTS, { policy })).toMatchObject({ ip: CLIENT, source: 'x-forwarded-for' })
    },
  },
  {
    option: 'policy',
    value: 'the options of one',
    sees: async (seen) => {
      const way = { ip: CLIENT, source: 'proxy-protocol' }
      expect(await seen(PROXY, { policy: PROXY })).toMatchObject(way)
    },
  },
  {
    option: 'policy',
    value: 'left out',
    sees: async (seen) => {
      expect(await seen(LISTS, {})).toMatchObject({ ip: CLIENT, source: 'socket' })
    },
  },
  ...['1', '65535'].map((port) => ({
    option: 'port',
    value: port,
    sees: async (seen: Seeing) => {
      const options = { policy: PROXY, port: Number(port) }
      expect(await seen(PROXY, options)).toMatchObject({ ip: CLIENT, port: Number(port) })
    },
  })),
  {
    option: 'port',
    value: 'left out',
    sees: async (seen) => {
      expect(await seen(PROXY, { policy: PROXY })).toMatchObject({ port: 49_152 })
    },
  },
]

describe('a request of asClient with', () => {
  test.each(CASES)('$option: $value', ({ sees }) => sees(seeing))
  expectComplete(documentedOptions('testing-your-service', '## Options'), CASES)

  test.each([0, 65_536, 1.5])('port: %d is refused', (port) => {
    expect(() => asClient(CLIENT, { port })).toThrow('port')
  })
})
