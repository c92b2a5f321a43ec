import { type Difference, definePolicy } from '@truehop/identity'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import truehop from '../src/index.js'
import { CLIENT, EDGE, listen, STRANGER, XFF } from './setup.js'

/** An application that trusts everybody, with a policy that trusts the edge beside it. */
async function shadowed(seen: Difference[], onDifference?: (d: Difference) => void) {
  const policy = definePolicy(XFF)
  const app = fastify({ trustProxy: true })
  const note = onDifference ?? ((difference: Difference) => void seen.push(difference))
  await app.register(truehop, { policy, compareWith: 'trust proxy', onDifference: note })
  app.get('/', async ({ ip, clientIp, protocol }) => ({ ip, clientIp, protocol }))
  return { policy, port: await listen(app) }
}

describe('shadow mode', () => {
  test('leaves the answer of trustProxy in force and reports where the policy differs', async () => {
    const seen: Difference[] = []
    const { policy, port } = await shadowed(seen)
    const headers = { 'x-forwarded-for': CLIENT, 'x-forwarded-proto': 'https' }
    const same = JSON.parse((await ask({ port, from: EDGE }, { headers })).body)
    expect(same).toEqual({ ip: CLIENT, clientIp: CLIENT, protocol: 'https' })
    expect(seen).toEqual([])
    const other = JSON.parse((await ask({ port, from: STRANGER }, { headers })).body)
    expect(other).toEqual({ ip: CLIENT, clientIp: STRANGER, protocol: 'https' })
    expect(seen.map(({ identity, trustProxy }) => [identity.reason, trustProxy])).toEqual([
      ['peer-untrusted', CLIENT],
    ])
    expect(policy.counters.snapshot().differences).toBe(1)
  })

  test('turns nobody away', async () => {
    const seen: Difference[] = []
    const { port } = await shadowed(seen)
    const answer = await ask({ port, from: EDGE }, { headers: { 'x-forwarded-for': 'unknown' } })
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      200,
      { ip: 'unknown', clientIp: 'unknown', protocol: 'http' },
    ])
    expect(seen.map(({ identity }) => identity.reason)).toEqual(['unidentified-node'])
  })

  test('is not disturbed by what the report throws', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    const { port } = await shadowed([], () => {
      throw new Error('on purpose')
    })
    const answer = await ask({ port, from: STRANGER }, { headers: { 'x-forwarded-for': CLIENT } })
    expect(answer.status).toBe(200)
    expect((await warned).message).toMatch(/^onDifference failed; .*: Error: on purpose/)
  })

  test.each([
    [{ ...XFF, compareWith: 'trustProxy' }, 'compareWith'],
    [{ ...XFF, onDifference: () => {} }, 'onDifference'],
  ])('%j is refused', async (options, path) => {
    const app = fastify()
    await expect(app.register(truehop, options as never)).rejects.toMatchObject({
      code: 'bad-compare-with',
      path,
    })
  })
})
