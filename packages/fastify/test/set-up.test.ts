import { definePolicy, PolicyError } from '@truehop/identity'
import fastify, { type FastifyServerOptions } from 'fastify'
import { describe, expect, test } from 'vitest'
import truehop, {
  truehop as named,
  TruehopFastifyError,
  type TruehopOptions,
} from '../src/index.js'
import { CLIENT, EDGE, XFF } from './setup.js'

/** What `register` throws for options of any kind. */
async function mistake(options: unknown): Promise<unknown> {
  return fastify()
    .register(truehop, options as TruehopOptions)
    .then(
      () => undefined,
      (error: unknown) => error,
    )
}

describe('options', () => {
  test.each([
    ['the shorthand', XFF],
    ['hops', { hops: [{ from: [EDGE], asserts: 'x-forwarded-for' }] }],
    ['a policy', { policy: definePolicy(XFF) }],
  ] as const)('%s makes the policy', async (_name, options) => {
    const app = fastify()
    await app.register(named, options)
    app.get('/', async ({ ip }) => ip)
    const headers = { 'x-forwarded-for': CLIENT }
    expect((await app.inject({ url: '/', remoteAddress: EDGE, headers })).body).toBe(CLIENT)
  })

  test.each([
    ['nothing', {}, 'missing-hops', ''],
    ['a misspelt option', { ...XFF, onUndetermind: 'continue' }, 'unknown-option', 'onUndetermind'],
    ['an option of the server', { ...XFF, http2: true }, 'unknown-option', 'http2'],
    [
      'another way out',
      { ...XFF, onUndetermined: 'ignore' },
      'bad-on-undetermined',
      'onUndetermined',
    ],
    ['options as the policy', { policy: XFF }, 'bad-policy', 'policy'],
    ['a policy and hops', { policy: definePolicy(XFF), hops: [] }, 'bad-policy', 'policy'],
    ['a number of hops', { trust: 1, header: 'x-forwarded-for' }, 'bad-from', 'trust'],
    [
      'a bad prefix',
      { trust: ['10.0.0.0/33'], header: 'x-forwarded-for' },
      'bad-prefix',
      'trust[0]',
    ],
  ])('%s is refused at start-up', async (_name, options, code, path) => {
    const error = await mistake(options)
    expect(error).toBeInstanceOf(PolicyError)
    expect(error).toMatchObject({ code, path })
  })

  test('prefixes with host bits set are pointed out in the log', async () => {
    const lines: string[] = []
    const app = fastify({ logger: { stream: { write: (line) => void lines.push(line) } } })
    await app.register(truehop, { trust: ['10.1.2.3/8'], header: 'x-forwarded-for' })
    expect(lines.join()).toContain('10.1.2.3/8')
  })
})

describe('the instance', () => {
  test.each([true, 1, '127.0.0.1', () => true])(
    'with trustProxy %s is refused',
    async (trustProxy) => {
      const app = fastify({ trustProxy } as FastifyServerOptions)
      const registered = app.register(truehop, XFF)
      await expect(registered).rejects.toThrow(TruehopFastifyError)
      await expect(registered).rejects.toMatchObject({ code: 'trust-proxy-set' })
      await expect(registered).rejects.toThrow('leave trustProxy out')
    },
  )

  test('with trustProxy is refused in a child too', async () => {
    const app = fastify({ trustProxy: true })
    app.register(async (child) => void (await child.register(truehop, XFF)))
    await expect(app.ready()).rejects.toMatchObject({ code: 'trust-proxy-set' })
  })

  test('takes one registration', async () => {
    const app = fastify()
    await app.register(truehop, XFF)
    await expect(app.register(truehop, XFF)).rejects.toMatchObject({ code: 'already-registered' })
  })

  test('takes one registration in all its children', async () => {
    const app = fastify()
    app.register(async (child) => void (await child.register(truehop, XFF)))
    app.register(async (child) => void (await child.register(truehop, { hops: [] })))
    await expect(app.ready()).rejects.toMatchObject({ code: 'already-registered' })
  })

  test('with a decorator of the same name is refused by Fastify', async () => {
    const app = fastify()
    app.decorateRequest('clientIp', '')
    await expect(app.register(truehop, XFF)).rejects.toMatchObject({
      code: 'FST_ERR_DEC_ALREADY_PRESENT',
    })
  })
})
