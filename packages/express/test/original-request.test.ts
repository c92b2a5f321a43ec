import { describe, expect, test } from 'vitest'
import { ask } from '../../../test/edges/client.js'
import truehop, { type TruehopOptions } from '../src/index.js'
import { CLIENT, EDGE, STRANGER, serve, VERSIONS, XFF } from './setup.js'

/** The hop is said to write all of them; by default only the scheme is believed. */
const WRITES_ALL = { ...XFF, original: ['proto', 'host', 'port'] } as const

const SAID = {
  host: 'inside.example:3000',
  'x-forwarded-for': CLIENT,
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'shop.example:8443',
}

describe.each(VERSIONS)("%s's protocol, secure and hostname", (_, express) => {
  async function seenFrom(
    address: string,
    headers: Record<string, string>,
    options: TruehopOptions = WRITES_ALL,
  ): Promise<unknown> {
    const app = express()
    app.use(truehop(options))
    app.get('/', ({ protocol, secure, hostname }, response) => {
      response.json({ protocol, secure, hostname })
    })
    const { port } = await serve(app)
    return JSON.parse((await ask({ port, from: address }, { headers })).body)
  }

  test('are those of the original request, as the trusted hop says', async () => {
    expect(await seenFrom(EDGE, SAID)).toEqual({
      protocol: 'https',
      secure: true,
      hostname: 'shop.example',
    })
  })

  test('take the host from nobody who is not said to write it', async () => {
    expect(await seenFrom(EDGE, SAID, XFF)).toEqual({
      protocol: 'https',
      secure: true,
      hostname: 'inside.example',
    })
  })

  test('take nothing from anybody else', async () => {
    expect(await seenFrom(STRANGER, SAID)).toEqual({
      protocol: 'http',
      secure: false,
      hostname: 'inside.example',
    })
  })

  test('take the value at the place of the client, not the leftmost or the rightmost', async () => {
    const headers = {
      host: 'inside.example',
      'x-forwarded-for': `6.6.6.6, ${CLIENT}, ${EDGE}`,
      'x-forwarded-proto': 'http, https, http',
      'x-forwarded-host': 'evil.example, shop.example, inner.example',
    }
    expect(await seenFrom(EDGE, headers)).toEqual({
      protocol: 'https',
      secure: true,
      hostname: 'shop.example',
    })
  })
})
