import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import truehop, { type TruehopOptions } from '../src/index.js'
import { CLIENT, EDGE, listen, STRANGER, XFF } from './setup.js'

/** The hop is said to write all of them; by default only the scheme is believed. */
const WRITES_ALL = { ...XFF, original: ['proto', 'host', 'port'] } as const

const SAID = {
  host: 'inside.example:3000',
  'x-forwarded-for': CLIENT,
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'shop.example',
  'x-forwarded-port': '8443',
}

async function seenFrom(
  address: string,
  headers: Record<string, string>,
  options: TruehopOptions = WRITES_ALL,
): Promise<unknown> {
  const app = fastify()
  await app.register(truehop, options)
  app.get('/', async ({ protocol, host, hostname, port }) => ({ protocol, host, hostname, port }))
  const answer = await ask({ port: await listen(app), from: address }, { headers })
  return JSON.parse(answer.body)
}

describe("Fastify's protocol, host, hostname and port", () => {
  test('are those of the original request, as the trusted hop says', async () => {
    expect(await seenFrom(EDGE, SAID)).toEqual({
      protocol: 'https',
      host: 'shop.example:8443',
      hostname: 'shop.example',
      port: 8443,
    })
  })

  test('take the host from nobody who is not said to write it', async () => {
    expect(await seenFrom(EDGE, SAID, XFF)).toMatchObject({
      protocol: 'https',
      hostname: 'inside.example',
    })
  })

  test('take nothing from anybody else', async () => {
    expect(await seenFrom(STRANGER, SAID)).toEqual({
      protocol: 'http',
      host: 'inside.example:3000',
      hostname: 'inside.example',
      port: 3000,
    })
  })

  test('take the value at the place of the client, not the leftmost or the rightmost', async () => {
    const headers = {
      host: 'inside.example',
      'x-forwarded-for': `6.6.6.6, ${CLIENT}, ${EDGE}`,
      'x-forwarded-proto': 'http, https, http',
      'x-forwarded-host': 'evil.example, shop.example, inner.example',
    }
    expect(await seenFrom(EDGE, headers)).toMatchObject({ protocol: 'https', host: 'shop.example' })
  })

  test('leave a Host that is not a host unchanged', async () => {
    const seen = await seenFrom(STRANGER, { host: 'a b' }).catch((error: unknown) => error)
    expect(seen).toMatchObject({ host: 'a b' })
  })
})
