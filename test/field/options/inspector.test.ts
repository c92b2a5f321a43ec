import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { InspectorOptions } from '@truehop/inspector'
import { addressPrivacy } from '@truehop/log'
import { RateLimiter } from '@truehop/rate-limit'
import { describe, expect, test } from 'vitest'
import { type Framework, startService } from '../../inspector/services.js'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { askAt, stopAfterEach, stopLater } from './site.js'

stopAfterEach()

const CLIENT = '198.51.100.7'
const OTHER = '203.0.113.9'
const PAGE = '/_truehop/'

/** What an open page is told first. */
interface Told {
  readonly keep: number
  readonly decisions: readonly {
    readonly walk: { readonly outcome: { readonly client: string } }
  }[]
}

/** The port of a service with an inspector, which lets in `CLIENT` unless the options say whom. */
type Inspected = (options: Partial<InspectorOptions>) => Promise<number>

const inspectedBy =
  (framework: Framework): Inspected =>
  async (options) => {
    const { url, stop } = await startService(framework, { allow: [CLIENT], ...options })
    stopLater(stop)
    return Number(new URL(url).port)
  }

/** Opens the stream of a page. What the test leaves open ends with it. */
async function view(port: number): Promise<IncomingMessage> {
  const headers = { 'x-forwarded-for': CLIENT, 'sec-fetch-site': 'same-origin' }
  const path = `${PAGE}events`
  const asked = get({ host: '127.0.0.1', port, path, headers, agent: false })
  const [response]: IncomingMessage[] = await once(asked, 'response')
  if (response === undefined) throw new Error('no response')
  response.on('error', () => {})
  stopLater(async () => void response.destroy())
  return response
}

async function told(port: number): Promise<Told> {
  let text = ''
  for await (const chunk of (await view(port)).setEncoding('utf8')) {
    text += chunk
    const update = /^data: (.*)\n\n/m.exec(text)?.[1]
    if (update !== undefined) return JSON.parse(update)
  }
  throw new Error(`the page was told nothing but ${text}`)
}

const pageFor = async (port: number, as: string, headers: Record<string, string> = {}) =>
  (await askAt(port, { as, path: PAGE, headers })).status

/** Whom an entry of `allow` lets in, and somebody whom it does not. */
const allows = (entry: string, as: string, not?: string): OptionCase<Inspected> => ({
  option: 'allow',
  value: entry,
  sees: async (inspected) => {
    const port = await inspected({ allow: [entry] })
    expect(await pageFor(port, as)).toBe(200)
    if (not !== undefined) expect(await pageFor(port, not)).toBe(403)
  },
})

const ALLOW: readonly OptionCase<Inspected>[] = [
  allows('198.51.100.0/24', CLIENT, '198.51.101.7'),
  allows('2001:db8::7', '2001:db8::7', '2001:db8::8'),
  allows('loopback', '127.0.0.9', '128.0.0.9'),
  allows('linklocal', '169.254.3.4', '169.253.3.4'),
  allows('uniquelocal', 'fd12::1', '2001:db8::1'),
  allows('private', '192.168.3.4', '192.169.3.4'),
  allows('any', OTHER),
]

/** How the page shows the address of `CLIENT`. */
const shows = (value: string, address: InspectorOptions['address'], shown: RegExp) => ({
  option: 'address',
  value,
  sees: async (inspected: Inspected) => {
    const port = await inspected({ address })
    await askAt(port, { as: CLIENT })
    const { decisions } = await told(port)
    expect(decisions.map(({ walk }) => walk.outcome.client)).toEqual([expect.stringMatching(shown)])
  },
})

const HMAC = addressPrivacy({ address: 'hmac', hmac: { key: 'a key of sixteen bytes, or more' } })

const named = (value: string, hosts: readonly string[] | undefined, ...own: readonly string[]) => ({
  option: 'hosts',
  value,
  sees: async (inspected: Inspected) => {
    const port = await inspected({ hosts })
    for (const host of [...own, '127.0.0.1', '[::1]:8080']) {
      expect(await pageFor(port, CLIENT, { host })).toBe(200)
    }
    expect(await pageFor(port, CLIENT, { host: 'rebound.example' })).toBe(421)
  },
})

const keeps = (keep: number, asked: number, kept: number): OptionCase<Inspected> => ({
  option: 'keep',
  value: String(keep),
  sees: async (inspected) => {
    const port = await inspected({ keep })
    for (let i = 0; i < asked; i++) await askAt(port, { as: CLIENT })
    const { keep: said, decisions } = await told(port)
    expect([said, decisions.length]).toEqual([keep, kept])
  },
})

const viewers = (maxViewers: number): OptionCase<Inspected> => ({
  option: 'maxViewers',
  value: String(maxViewers),
  sees: async (inspected) => {
    const port = await inspected({ maxViewers })
    for (let i = 0; i < maxViewers; i++) expect((await view(port)).statusCode).toBe(200)
    expect((await view(port)).statusCode).toBe(503)
  },
})

const ACTIONS: OptionCase<Inspected> = {
  option: 'actions',
  value: 'a limit',
  sees: async (inspected) => {
    const login = new RateLimiter({ name: 'login', limit: 10, window: 60 })
    const port = await inspected({ actions: { limits: { login } } })
    const { body } = await askAt(port, { as: CLIENT, path: `${PAGE}actions` })
    expect(JSON.parse(body)).toMatchObject({ limits: ['login'], lists: [] })
  },
}

const CASES: readonly OptionCase<Inspected>[] = [
  ...ALLOW,
  ACTIONS,
  shows('full', 'full', /^198\.51\.100\.7$/),
  shows('truncated', 'truncated', /^198\.51\.100\.0$/),
  shows('what addressPrivacy() returns', HMAC, /^hmac-[\da-f]{32}$/),
  named('localhost', undefined, 'localhost', 'localhost:3000'),
  named('names', ['ops.example.com'], 'localhost', 'ops.example.com', 'OPS.example.com:8443'),
  keeps(10, 15, 10),
  // No more than 50 a second are explained and kept.
  keeps(2000, 40, 40),
  viewers(1),
  viewers(200),
]

describe.each<Framework>(['fastify', 'express'])('the inspector in %s with', (framework) => {
  test.each(CASES)('$option: $value', ({ sees }) => sees(inspectedBy(framework)))
  expectComplete(documentedOptions('inspector', '## Options', true), CASES, ['actions: allow'])

  test.each<Partial<InspectorOptions>>([
    { allow: ['unix'] },
    { hosts: ['https://ops.example.com'] },
    { keep: 9 },
    { keep: 2001 },
    { maxViewers: 0 },
    { maxViewers: 201 },
  ])('%j is refused', async (options) => {
    await expect(inspectedBy(framework)(options)).rejects.toThrow(Object.keys(options)[0])
  })
})
