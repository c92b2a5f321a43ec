import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, parseAddress } from '@truehop/ip'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  definePolicy,
  PolicyError,
  type RangesMessage,
  type RangesOptions,
  rangesFrom,
  resolve,
} from '../../src/index.js'
import type { LiveSource } from '../../src/ranges/live-source.js'

const folder = mkdtempSync(join(tmpdir(), 'truehop-ranges-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let url: string
let answer: Answer
const requests: IncomingMessage[] = []
const open: LiveSource[] = []

beforeEach(async () => {
  requests.length = 0
  server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list`
})

afterEach(async () => {
  for (const ranges of open.splice(0)) ranges.close()
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
})

const body =
  (text: string, etag?: string): Answer =>
  (request, response) => {
    if (etag !== undefined && request.headers['if-none-match'] === etag) response.statusCode = 304
    if (etag !== undefined) response.setHeader('etag', etag)
    response.end(response.statusCode === 304 ? undefined : text)
  }

function follow(options: Partial<RangesOptions> = {}): LiveSource {
  const ranges = rangesFrom({ url, format: 'lines', ...options } as RangesOptions)
  open.push(ranges)
  return ranges
}

function at(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}

const GOOD = '10.0.0.0/16\n10.1.0.0/16\n10.2.0.0/16\n10.3.0.0/16\n'

describe('ranges at a URL', () => {
  test('trust nobody until the first list is in, and the whole list then', async () => {
    answer = body(GOOD)
    const ranges = follow()
    expect(ranges.has(at('10.0.0.5'))).toBe(false)
    expect(ranges.status()).toMatchObject({ size: 0, stale: true })
    expect([...ranges.entries()]).toEqual([])
    await ranges.ready
    expect(ranges.has(at('10.3.0.5'))).toBe(true)
    expect([...ranges.entries()]).toEqual(GOOD.trim().split('\n'))
    expect(ranges.status()).toMatchObject({ size: 4, stale: false, lastError: undefined })
  })

  test('are confirmed by an ETag without a new list', async () => {
    answer = body(GOOD, '"v1"')
    const ranges = follow()
    await ranges.ready
    const before = ranges.status().updatedAt
    await new Promise((later) => setTimeout(later, 5))
    await ranges.refresh()
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"v1"'])
    expect(ranges.status().updatedAt).toBeGreaterThan(before)
    expect(ranges.status().size).toBe(4)
  })

  const failures: [string, Answer, RegExp][] = [
    ['an error page', (_, response) => response.writeHead(500).end('<html>'), /answered 500/],
    ['an unasked 304', (_, response) => response.writeHead(304).end(), /answered 304/],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /answered 302/,
    ],
    ['a reset', (request) => request.socket.resetAndDestroy(), /fetch failed/],
    [
      'half a list',
      (request, response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write('10.0.0.0/16\n', () => request.socket.destroy())
      },
      /terminated/,
    ],
    ['an empty list', body(''), /fewer than the minimum/],
    ['only comments', body('# moved\n'), /fewer than the minimum/],
    ['a list with one broken entry', body(`${GOOD}10.0.0.300/24\n`), /10\.0\.0\.300/],
    ['an HTML page with status 200', body('<html><body>login</body></html>'), /not an IP prefix/],
    ['everybody', body(`${GOOD}0.0.0.0/0\n`), /wider than a list of proxies/],
    [
      'everybody in two halves',
      body(`${GOOD}0.0.0.0/1\n128.0.0.0/1\n`),
      /wider than a list of proxies/,
    ],
    ['everybody in IPv6', body(`${GOOD}::/0\n`), /wider than a list of proxies/],
    ['a list that shrank', body('10.0.0.0/16\n'), /shrank from 4 to 1/],
    [
      'bytes that are no text',
      (_, response) => response.end(Buffer.from([0xff, 0xfe, 0x00])),
      /not valid/,
    ],
  ]

  test.each(failures)('keep the good list when the source sends %s', async (_, broken, why) => {
    const failed: RangesMessage[] = []
    const listener = (message: unknown) => failed.push(message as RangesMessage)
    subscribe('truehop.ranges.failed', listener)
    answer = body(GOOD)
    const ranges = follow()
    await ranges.ready
    answer = broken
    await expect(ranges.refresh()).rejects.toThrow(why)
    unsubscribe('truehop.ranges.failed', listener)
    expect(ranges.has(at('10.3.0.5'))).toBe(true)
    expect(ranges.status()).toMatchObject({ size: 4, lastError: expect.stringMatching(why) })
    expect(failed.map(({ status }) => status.lastError)).toEqual([ranges.status().lastError])
    answer = body(`${GOOD}10.4.0.0/16\n`)
    await ranges.refresh()
    expect(ranges.status()).toMatchObject({ size: 5, lastError: undefined })
  })

  test('try again by themselves after a failure', async () => {
    answer = (_, response) => response.writeHead(503).end()
    const ranges = follow({ refresh: 1 })
    await expect(ranges.ready).rejects.toThrow('answered 503')
    answer = body(GOOD)
    await new Promise<void>((updated) => {
      const listener = () => {
        unsubscribe('truehop.ranges.updated', listener)
        updated()
      }
      subscribe('truehop.ranges.updated', listener)
    })
    expect(ranges.status()).toMatchObject({ size: 4, lastError: undefined })
  })

  test('forget a failure once the source says that nothing has changed', async () => {
    answer = body(GOOD, '"v1"')
    const ranges = follow()
    await ranges.ready
    answer = (_, response) => response.writeHead(503).end()
    await expect(ranges.refresh()).rejects.toThrow('answered 503')
    answer = body(GOOD, '"v1"')
    await ranges.refresh()
    expect(ranges.status()).toMatchObject({ size: 4, lastError: undefined })
  })

  test('say once that they have grown stale', async () => {
    const stale: RangesMessage[] = []
    const listener = (message: unknown) => stale.push(message as RangesMessage)
    subscribe('truehop.ranges.stale', listener)
    answer = (_, response) => response.writeHead(503).end()
    const initial = { entries: ['10.9.0.0/16'], date: '2024-05-01' }
    const ranges = follow({ name: 'edge', initial, refresh: 1 })
    await expect(ranges.ready).rejects.toThrow('answered 503')
    while (requests.length < 3) await new Promise((later) => setTimeout(later, 20))
    unsubscribe('truehop.ranges.stale', listener)
    expect(stale.map(({ status }) => [status.name, status.version])).toEqual([
      ['edge', '2024-05-01'],
    ])
    ranges.close()
  })

  test('ask once where several ask at a time, and not at all once closed', async () => {
    answer = body(GOOD)
    const ranges = follow({ refresh: 1 })
    await Promise.all([ranges.ready, ranges.refresh(), ranges.refresh()])
    expect(requests).toHaveLength(1)
    ranges.close()
    await expect(ranges.refresh()).rejects.toThrow('abort')
    expect(requests).toHaveLength(1)
    expect(ranges.has(at('10.0.0.1'))).toBe(true)
  })

  test('survive a restart without the source through the kept copy', async () => {
    const keep = join(folder, 'kept', 'edge.json')
    answer = body(GOOD, '"v1"')
    await follow({ keep }).ready
    answer = (request) => request.socket.destroy()
    const restarted = follow({ keep })
    expect(restarted.has(at('10.2.0.9'))).toBe(true)
    await expect(restarted.ready).rejects.toThrow('fetch failed')
    expect(restarted.status().size).toBe(4)
    answer = body(GOOD, '"v1"')
    await restarted.refresh()
    expect(requests.at(-1)?.headers['if-none-match']).toBe('"v1"')
  })

  test('keep a copy as soon as that is possible, though the list has not changed', async () => {
    const place = join(folder, 'blocked')
    const keep = join(place, 'edge.json')
    writeFileSync(place, 'no folder')
    answer = body(GOOD, '"v1"')
    const ranges = follow({ keep })
    await expect(ranges.ready).rejects.toThrow('EEXIST')
    expect(ranges.has(at('10.2.0.9'))).toBe(true)
    rmSync(place)
    await ranges.refresh()
    expect(ranges.status().lastError).toBeUndefined()
    expect(readFileSync(keep, 'utf8')).toContain('v1')
    expect(readFileSync(keep, 'utf8').endsWith(`}\n${GOOD}`)).toBe(true)
    await ranges.refresh()
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      '"v1"',
    ])
  })

  test.each([
    ['no JSON', '{'],
    ['another thing', '{"text":1}\n'],
    ['a list that must not come into force', '{"updatedAt":1}\n0.0.0.0/0\n'],
  ])('do not believe a kept copy that is %s', async (name, text) => {
    const keep = join(folder, `${name}.json`)
    writeFileSync(keep, text)
    answer = (_, response) => response.writeHead(500).end()
    const ranges = follow({ keep })
    await expect(ranges.ready).rejects.toThrow('answered 500')
    expect(ranges.status().size).toBe(0)
  })

  test('start with a dated snapshot where there is one', async () => {
    answer = (_, response) => response.writeHead(500).end()
    const ranges = follow({ initial: { entries: ['10.9.0.0/16'], date: '2024-05-01' } })
    await expect(ranges.ready).rejects.toThrow('answered 500')
    expect(ranges.has(at('10.9.0.1'))).toBe(true)
    expect(ranges.status()).toMatchObject({ version: '2024-05-01', stale: true })
  })

  test('decide in a policy as soon as they are in', async () => {
    answer = body(GOOD)
    const ranges = follow()
    const policy = definePolicy({ hops: [{ from: [ranges], asserts: 'x-forwarded-for' }] })
    const evidence = { peer: '10.0.0.5', headers: { 'x-forwarded-for': '198.51.100.7' } }
    expect(resolve(policy, evidence)).toMatchObject({ ip: '10.0.0.5' })
    await ranges.ready
    expect(resolve(policy, evidence)).toMatchObject({ ip: '198.51.100.7' })
    expect(policy.status().hops[0]?.ranges).toEqual([ranges.status()])
  })
})

describe('ranges in a file', () => {
  test('are in force at once and follow changes', async () => {
    const file = join(folder, 'edge.txt')
    writeFileSync(file, GOOD)
    const ranges = follow({ url: undefined, file, refresh: 1 } as Partial<RangesOptions>)
    expect(ranges.has(at('10.0.0.5'))).toBe(true)
    const updated = new Promise<void>((done) => {
      const listener = () => {
        unsubscribe('truehop.ranges.updated', listener)
        done()
      }
      subscribe('truehop.ranges.updated', listener)
    })
    writeFileSync(file, `${GOOD}10.4.0.0/16\n`)
    await updated
    expect(ranges.status().size).toBe(5)
    writeFileSync(file, '10.0.0.0/33\n')
    await expect(ranges.refresh()).rejects.toThrow('10.0.0.0/33')
    expect(ranges.status().size).toBe(5)
  })

  test('name the entry that an address is in', async () => {
    const file = join(folder, 'named.txt')
    writeFileSync(file, `${GOOD}10.0.7.0/24\n`)
    const ranges = follow({ url: undefined, file } as Partial<RangesOptions>)
    await ranges.ready
    expect(ranges.match(at('10.0.7.9'))).toMatchObject({ entry: '10.0.7.0/24' })
    expect(ranges.match(at('10.9.9.9'))).toBeUndefined()
  })

  test('may hold wide prefixes where that is said', async () => {
    const file = join(folder, 'netset.txt')
    writeFileSync(file, '0.0.0.0/8\n224.0.0.0/3\n')
    const source = { url: undefined, file } as Partial<RangesOptions>
    await expect(follow(source).ready).rejects.toThrow('224.0.0.0/3, wider than')
    const ranges = follow({ ...source, widest: { ipv4: 3 } })
    await ranges.ready
    expect(ranges.has(at('239.255.255.250'))).toBe(true)
  })

  test('that is not there trust nobody and say so', async () => {
    const file = join(folder, 'absent.txt')
    const ranges = follow({ url: undefined, file } as Partial<RangesOptions>)
    await expect(ranges.ready).rejects.toThrow('ENOENT')
    expect(ranges.status()).toMatchObject({ size: 0, stale: true })
  })

  test('keep what they were in a file of the service alone', async () => {
    const file = join(folder, 'mine.txt')
    const keep = join(folder, 'mine.json')
    writeFileSync(file, GOOD)
    await follow({ url: undefined, file, keep } as Partial<RangesOptions>).ready
    expect(readFileSync(keep, 'utf8').endsWith(`}\n${GOOD}`)).toBe(true)
  })
})

describe('options of rangesFrom', () => {
  test.each<[unknown, string]>([
    [undefined, 'bad-ranges at rangesFrom'],
    [{ format: 'lines' }, 'bad-ranges at rangesFrom'],
    [{ file: 'a', url: 'https://a.example/', format: 'lines' }, 'bad-ranges at rangesFrom'],
    [{ url: 'http://a.example/', format: 'lines' }, 'bad-ranges at rangesFrom.url'],
    [{ url: 'http://127.0.0.1.evil.example/', format: 'lines' }, 'bad-ranges at rangesFrom.url'],
    [{ url: 'nonsense', format: 'lines' }, 'bad-ranges at rangesFrom.url'],
    [{ file: 'a' }, 'bad-ranges at rangesFrom.format'],
    [{ file: 'a', format: 'csv' }, 'bad-ranges at rangesFrom.format'],
    [{ file: 'a', format: 'github' }, 'bad-ranges at rangesFrom.select'],
    [
      { file: 'a', format: 'lines', select: { service: ['x'] } },
      'bad-ranges at rangesFrom.select.service',
    ],
    [
      { file: 'a', format: 'google', select: { scope: 'x' } },
      'bad-ranges at rangesFrom.select.scope',
    ],
    [{ file: 'a', format: 'lines', refresh: 0 }, 'bad-ranges at rangesFrom.refresh'],
    [{ file: 'a', format: 'lines', minimum: 0 }, 'bad-ranges at rangesFrom.minimum'],
    [{ file: 'a', format: 'lines', widest: 3 }, 'bad-ranges at rangesFrom.widest'],
    [{ file: 'a', format: 'lines', widest: { ipv4: 0 } }, 'bad-ranges at rangesFrom.widest.ipv4'],
    [{ file: 'a', format: 'lines', maximumShrink: 2 }, 'bad-ranges at rangesFrom.maximumShrink'],
    [{ file: 'a', format: 'lines', initial: ['10.0.0.0/8'] }, 'bad-ranges at rangesFrom.initial'],
    [{ file: 'a', format: 'lines', refesh: 5 }, 'unknown-option at rangesFrom.refesh'],
  ])('%j: %s', (options, expected) => {
    let refusal = 'accepted'
    try {
      rangesFrom(options as RangesOptions).close()
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      refusal = `${error.code} at ${error.path}`
    }
    expect(refusal).toBe(expected)
  })
})
