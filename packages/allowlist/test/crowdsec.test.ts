import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseAddress } from '@truehop/ip'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type CrowdSecDecisions, crowdsecDecisions, defineAllowlist } from '../src/index.js'
import { clientAt } from './identities.js'

/** A test server that speaks the documented protocol; a real CrowdSec is asked in test/crowdsec. */
let server: Server
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void
let asked: string[]
const open: CrowdSecDecisions[] = []

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})

afterEach(async () => {
  for (const each of open.splice(0)) each.close()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

function follow(options: object = {}): CrowdSecDecisions {
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const decisions = crowdsecDecisions({ url, apiKey: 'key', interval: 3600, ...options })
  open.push(decisions)
  return decisions
}

function decision(value: string, more: object = {}): object {
  const scope = value.includes('/') ? 'Range' : 'Ip'
  const usual = { id: 1, origin: 'crowdsec', type: 'ban', scenario: 's', duration: '3h59m58.2s' }
  return { ...usual, scope, value, ...more }
}

function says(...answers: object[]): void {
  answer = (_request, response) => {
    response.end(JSON.stringify(answers.length > 1 ? answers.shift() : answers[0]))
  }
}

describe('the stream of decisions', () => {
  test('is asked whole at start, then for what has changed, and whole again after a failure', async () => {
    says({ new: [decision('203.0.113.7')], deleted: null })
    const decisions = follow()
    await decisions.ready
    says({ new: null, deleted: null })
    await decisions.refresh()
    expect([...decisions.entries()]).toEqual(['203.0.113.7'])
    answer = (_request, response) => response.end('{"new": [')
    await expect(decisions.refresh()).rejects.toThrow('is not JSON')
    expect([...decisions.entries()]).toEqual(['203.0.113.7'])
    says({ new: [decision('203.0.113.8')], deleted: null })
    await decisions.refresh()
    expect([...decisions.entries()]).toEqual(['203.0.113.8'])
    expect(asked.map((url) => new URL(url, server.listening ? 'http://h' : '').search)).toEqual(
      ['true', 'false', 'false', 'true'].map((all) => `?startup=${all}&scopes=ip%2Crange`),
    )
  })

  test('a decision that is renewed in the answer that ends it goes on', async () => {
    says(
      { new: [decision('203.0.113.7')] },
      {
        deleted: [decision('203.0.113.7', { duration: '-1s' })],
        new: [decision('203.0.113.7', { origin: 'CAPI' })],
      },
    )
    const decisions = follow()
    await decisions.ready
    await decisions.refresh()
    expect([...decisions.details()].map(({ origin }) => origin)).toEqual(['CAPI'])
  })

  test.each<[string, object]>([
    ['on a user name', decision('alice', { scope: 'username' })],
    ['in simulation', decision('203.0.113.7', { simulated: true })],
    ['that is over', decision('203.0.113.7', { duration: '-1ms' })],
    ['without a duration', decision('203.0.113.7', { duration: 'soon' })],
    ['on a text that is no address', decision('203.0.113')],
    ['on half of the Internet', decision('0.0.0.0/1')],
    ['that is no object', ['203.0.113.7']],
  ])('leaves out a decision %s', async (_name, bad) => {
    says({ new: [bad, decision('198.51.100.7')], deleted: null })
    const decisions = follow()
    await decisions.ready
    expect([...decisions.entries()]).toEqual(['198.51.100.7'])
  })

  test('is bounded, and says how many found no room', async () => {
    says({ new: [1, 2, 3].map((i) => decision(`203.0.113.${i}`)) })
    const decisions = follow({ maxEntries: 2 })
    await decisions.ready
    expect(decisions.status()).toMatchObject({ size: 2, lastError: '1 decisions found no room' })
  })

  test('gives no room to decisions that are over already', async () => {
    const over = [1, 2, 3].map((i) => decision(`198.51.100.${i}`, { duration: '-2s' }))
    says({ new: [...over, decision('203.0.113.1')] })
    const decisions = follow({ maxEntries: 2 })
    await decisions.ready
    expect(decisions.status()).toMatchObject({ size: 1, lastError: undefined })
  })

  test('is read whole where more has changed than is held, so that nothing waits in memory', async () => {
    const many = (length: number) =>
      Array.from({ length }, (_, i) => decision(`198.51.100.${i}`, { duration: '-1s' }))
    says(
      { new: [decision('203.0.113.1'), decision('203.0.113.2')] },
      { new: null, deleted: many(101) },
      { new: [decision('203.0.113.3')], deleted: many(200) },
    )
    const decisions = follow({ maxEntries: 100 })
    await decisions.ready
    await decisions.refresh()
    expect([...decisions.entries()]).toEqual(['203.0.113.3'])
    expect(asked.map((url) => url.includes('startup=true'))).toEqual([true, false, true])
  })

  test('a decision lasts as long as it was meant to when the clock is set back, and no look in time is missed', async () => {
    says({ new: [decision('203.0.113.7')] })
    const decisions = follow()
    await decisions.ready
    const address = parseAddress('203.0.113.7')
    if (address === undefined) throw new Error('no address')
    const { now } = Date
    const end = performance.now() + 7 * 3_600_000
    const set = vi.spyOn(Date, 'now').mockImplementation(() => now() - 86_400_000)
    const later = vi.spyOn(performance, 'now')
    try {
      expect(decisions.has(address)).toBe(true)
      expect(decisions.status().stale).toBe(false)
      later.mockReturnValue(end)
      expect(decisions.has(address)).toBe(false)
      expect([...decisions.details()]).toEqual([])
      expect(decisions.status().stale).toBe(true)
    } finally {
      set.mockRestore()
      later.mockRestore()
    }
  })

  test('a redirect is not followed: the key would go along', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end()
    await expect(follow().ready).rejects.toThrow('answered 302')
    expect(asked).toHaveLength(1)
  })
})

test('usage metrics name origins up to a number, and count the others together', async () => {
  const origins = Array.from({ length: 300 }, (_, i) =>
    decision(`10.0.${i >> 8}.${i & 255}`, { origin: `o${i}` }),
  )
  const { now } = performance
  const later = vi
    .spyOn(performance, 'now')
    .mockImplementation(() => now.call(performance) - 3_600_000)
  const reported: string[] = []
  answer = (request, response, body) => {
    if (request.method === 'POST') reported.push(body)
    response.end(JSON.stringify({ new: origins }))
  }
  const decisions = follow()
  await decisions.ready
  later.mockRestore()
  await decisions.refresh()
  const [report] = reported.map((body) => JSON.parse(body))
  const { items } = report.remediation_components[0].metrics[0]
  const active = items.filter(({ name }: { name: string }) => name === 'active_decisions')
  expect(active).toHaveLength(257)
  expect(active.at(-1)).toMatchObject({ value: 44, labels: { origin: 'others' } })
})

test('usage metrics say what was seen and refused, by origin', async () => {
  const reports: unknown[] = []
  answer = (request, response, body) => {
    if (request.method === 'POST') {
      reports.push([request.headers['x-api-key'], JSON.parse(body)])
      response.writeHead(201).end()
    } else response.end(JSON.stringify({ new: [decision('203.0.113.7')], deleted: null }))
  }
  const decisions = follow({ metricsInterval: 60 })
  await decisions.ready
  const list = defineAllowlist({ deny: [decisions] })
  const shadow = defineAllowlist({ deny: [decisions], mode: 'report' })
  for (const address of ['203.0.113.7', '203.0.113.7', '198.51.100.7']) {
    list.check(clientAt(address), {}, {})
  }
  shadow.check(clientAt('203.0.113.7'), {}, {})
  const now = performance.now()
  const later = vi.spyOn(performance, 'now').mockReturnValue(now + 61_000)
  await decisions.refresh().finally(() => later.mockRestore())
  expect(reports).toMatchObject([
    [
      'key',
      {
        remediation_components: [
          {
            type: 'truehop-allowlist',
            metrics: [
              {
                meta: { window_size_seconds: expect.any(Number) },
                items: [
                  { name: 'processed', unit: 'request', value: 4 },
                  {
                    name: 'dropped',
                    unit: 'request',
                    value: 2,
                    labels: { origin: 'crowdsec', remediation: 'ban', ip_type: 'ipv4' },
                  },
                  {
                    name: 'active_decisions',
                    unit: 'ip',
                    value: 1,
                    labels: { origin: 'crowdsec' },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  ])
})

test.each<[object, string]>([
  [{ url: 'ftp://h' }, "url: must be an http or https URL without a password, got 'ftp://h'"],
  [{ url: 'http://u:secret@h' }, 'without a password'],
  [{ apiKey: '' }, 'apiKey: must be a string of 1 to 256 characters'],
  [{ interval: 0 }, 'interval: must be an integer from 1 to 3600 (seconds), got 0'],
  [{ types: [] }, 'types: must be a non-empty array'],
  [{ key: 'k' }, 'key: unknown option'],
])('%j is refused', (options, message) => {
  expect(() => follow(options)).toThrow(message)
})

test('an address is looked up as others are', async () => {
  says({ new: [decision('203.0.113.0/24')] })
  const decisions = follow()
  await decisions.ready
  const address = parseAddress('::ffff:203.0.113.9')
  if (address === undefined) throw new Error('no address')
  expect(decisions.match(address)).toMatchObject({ entry: '203.0.113.0/24', origin: 'crowdsec' })
})
