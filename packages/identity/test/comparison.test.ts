import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bindRequest, type Difference, definePolicy, identityOf } from '../src/index.js'
import { guarded } from '../src/request/callback.js'
import { compareAnswers } from '../src/request/shadow-mode.js'

const policies = () => definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

const published: unknown[] = []
const listener = (message: unknown) => published.push(message)
beforeEach(() => {
  published.length = 0
  subscribe('truehop.identity.difference', listener)
})
afterEach(() => {
  unsubscribe('truehop.identity.difference', listener)
  vi.restoreAllMocks()
})

function request(list: string, policy = policies()): IncomingMessage {
  const raw = {
    headers: { 'x-forwarded-for': list },
    socket: { remoteAddress: '10.0.0.5' },
  } as unknown as IncomingMessage
  bindRequest(raw, policy)
  return raw
}

/** A framework that names this client, and says of the rest what the connection says. */
const framework = (ip: string | undefined) => ({ ip, protocol: 'http', hostname: undefined })

/** What was told when the framework named `ip`. */
function told(list: string, ip: string | undefined): (string | undefined)[] {
  const seen: Difference[] = []
  compareAnswers(request(list), framework(ip), (difference) => seen.push(difference))
  expect(published).toEqual(seen)
  return seen.map(({ trustProxy }) => trustProxy)
}

describe('the answer of trust proxy and the walk', () => {
  test.each([
    ['198.51.100.7', '198.51.100.7'],
    ['2001:db8::7', '2001:DB8:0:0::7'],
    ['198.51.100.7', '::ffff:198.51.100.7'],
  ])('agree on %s where the framework says %s', (client, ip) => {
    expect(told(client, ip)).toEqual([])
  })

  test.each([
    ['198.51.100.7', '10.0.0.5', '10.0.0.5'],
    ['198.51.100.7', '2001:DB8::1', '2001:db8::1'],
    ['198.51.100.7', 'unknown', 'unknown'],
    ['198.51.100.7', undefined, undefined],
    ['unknown', '10.0.0.5', '10.0.0.5'],
    ['unknown', undefined, undefined],
  ])('differ on %s where the framework says %s', (client, ip, shown) => {
    expect(told(client, ip)).toEqual([shown])
  })

  test('are compared in scheme and host too', () => {
    const raw = request('198.51.100.7')
    Object.assign(raw.headers, { host: 'Shop.example:8080', 'x-forwarded-proto': 'https' })
    const seen: Difference[] = []
    const says = (protocol: string, hostname: string) =>
      compareAnswers(raw, { ip: '198.51.100.7', protocol, hostname }, (each) => seen.push(each))
    says('https', 'shop.example')
    says('http', 'shop.example')
    says('https', 'evil.example')
    expect(seen.map(({ differs, protocol, host }) => [differs, protocol, host])).toEqual([
      [['protocol'], 'http', 'shop.example'],
      [['host'], 'https', 'evil.example'],
    ])
  })

  test('are counted if they differ, and published with the request and its identity', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const policy = policies()
    const raw = request('198.51.100.7', policy)
    compareAnswers(raw, framework('192.0.2.1'), undefined)
    compareAnswers(raw, framework('198.51.100.7'), undefined)
    expect(policy.counters.snapshot().differences).toBe(1)
    const identity = identityOf(raw)
    expect(Object.isFrozen(identity)).toBe(true)
    expect(published).toMatchObject([
      { request: raw, identity, trustProxy: '192.0.2.1', differs: ['ip'] },
    ])
    expect(warn).not.toHaveBeenCalled()
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no space left')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('no space left'))],
  ])('stay as they are where the listener %s: that becomes a warning', async (_, onDifference) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const raw = request('198.51.100.7')
    const told = guarded('onDifference', onDifference)
    compareAnswers(raw, framework('192.0.2.1'), told)
    compareAnswers(raw, framework('192.0.2.1'), told)
    await new Promise((turn) => setImmediate(turn))
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(/^onDifference failed.*: Error: no space left/),
        { type: 'TruehopWarning', code: 'TRUEHOP_CALLBACK' },
      ],
    ])
  })
})
