import { createHmac } from 'node:crypto'
import { parseAddress } from '@truehop/ip'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { addressPrivacy, type PrivacyOptions } from '../src/index.js'
import { AccessLog } from '../src/record/access-log.js'
import { clientAt, clientVia, exchange } from './identities.js'

const KEY = 'x8Vd0yL3nQ5wS7zB'
const hmac: PrivacyOptions = { address: 'hmac', hmac: { key: KEY } }

afterEach(() => void vi.useRealTimers())

function shown(options: PrivacyOptions, text: string): string {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return addressPrivacy(options).show(address)
}

test('a misspelt option is an error: the default shows full addresses', () => {
  const options: object = { adress: 'hmac', hmac: { key: KEY } }
  expect(() => addressPrivacy(options)).toThrow(
    expect.objectContaining({ name: 'LogError', code: 'unknown-option', path: 'adress' }),
  )
})

describe('truncated', () => {
  test.each([
    ['203.0.113.9', '203.0.113.0'],
    ['203.0.113.255', '203.0.113.0'],
    ['255.255.255.255', '255.255.255.0'],
    ['2001:db8:1234:5678:9abc:def0:1234:5678', '2001:db8:1234::'],
    ['2001:db8::1', '2001:db8::'],
    ['ffff:ffff:ffff:ffff::', 'ffff:ffff:ffff::'],
    ['::1', '::'],
    ['::ffff:203.0.113.9', '203.0.113.0'],
  ])('%s is %s', (text, form) => {
    expect(shown({ address: 'truncated' }, text)).toBe(form)
  })

  test.each([
    ['198.51.100.7, 203.0.113.9', '198.51.100.0, 203.0.113.0'],
    ['for="[2001:db8:1:2::3]:4711";by=203.0.113.9', 'for="[2001:db8:1::]:4711";by=203.0.113.0'],
    ['203.0.113.9:443', '203.0.113.0:443'],
    ['::ffff:203.0.113.9', '203.0.113.0'],
    ['fe80::1%eth0', 'fe80::%eth0'],
    ['seen 203.0.113.9.', 'seen 203.0.113.0.'],
    ['x203.0.113.9x', 'x203.0.113.0x'],
    ['010.0.0.1', '[redacted]'],
    ['2001:db8::1::2', '[redacted]'],
    ['1.2.3.4.5', '1.2.3.0.5'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.9/32', '203.0.113.0/32'],
    ['203.0.113.128/25', '203.0.113.0/25'],
    ['2001:db8:1::/48', '2001:db8:1::/48'],
    ['2001:db8:1:2::/64', '2001:db8:1::/64'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['203.0.113.9/8', '203.0.113.0/8'],
    ['no address at all: abc.def', 'no address at all: abc.def'],
    ['', ''],
  ])('in a text: %j is %j', (text, form) => {
    expect(addressPrivacy({ address: 'truncated' }).redact(text)).toBe(form)
  })
})

describe('hmac', () => {
  test('is HMAC-SHA-256 over the bytes of the address with the key of the period', () => {
    vi.useFakeTimers({ now: Date.UTC(2025, 10, 20, 12) })
    const day = Math.floor(Date.UTC(2025, 10, 20) / 86_400_000)
    const key = createHmac('sha256', KEY).update(`truehop address period ${day}`).digest()
    const mac = createHmac('sha256', key)
      .update(Uint8Array.of(203, 0, 113, 9))
      .digest('hex')
    expect(shown(hmac, '203.0.113.9')).toBe(`hmac-${mac.slice(0, 32)}`)
  })

  test('is stable within the period and another one after it', () => {
    vi.useFakeTimers({ now: Date.UTC(2025, 10, 20, 0, 0, 0, 0) })
    const privacy = addressPrivacy(hmac)
    const address = parseAddress('203.0.113.9')
    if (address === undefined) throw new Error('no address')
    const first = privacy.show(address)
    vi.setSystemTime(Date.UTC(2025, 10, 20, 23, 59, 59, 999))
    expect(privacy.show(address)).toBe(first)
    vi.setSystemTime(Date.UTC(2025, 10, 21))
    expect(privacy.show(address)).not.toBe(first)
  })

  test('is the same in all processes that have the key, and another with another key', () => {
    expect(shown(hmac, '203.0.113.9')).toBe(shown(hmac, '::ffff:203.0.113.9'))
    const bytes = new TextEncoder().encode(KEY)
    expect(shown({ address: 'hmac', hmac: { key: bytes } }, '203.0.113.9')).toBe(
      shown(hmac, '203.0.113.9'),
    )
    const other: PrivacyOptions = { address: 'hmac', hmac: { key: `${KEY}!` } }
    expect(shown(other, '203.0.113.9')).not.toBe(shown(hmac, '203.0.113.9'))
  })

  test('is unlike for unlike addresses', () => {
    const texts = Array.from({ length: 1000 }, (_, i) => shown(hmac, `10.0.${i >> 8}.${i & 255}`))
    expect(new Set(texts).size).toBe(1000)
    expect(shown(hmac, '::')).not.toBe(shown(hmac, '0.0.0.0'))
  })

  test('a period with its own length', () => {
    vi.useFakeTimers({ now: 0 })
    const hourly: PrivacyOptions = { address: 'hmac', hmac: { key: KEY, period: 3600 } }
    const first = shown(hourly, '203.0.113.9')
    vi.setSystemTime(3_599_999)
    expect(shown(hourly, '203.0.113.9')).toBe(first)
    vi.setSystemTime(3_600_000)
    expect(shown(hourly, '203.0.113.9')).not.toBe(first)
  })

  test('an ephemeral key is stable in one place and unlike everywhere else', () => {
    const ephemeral: PrivacyOptions = { address: 'hmac', hmac: { key: 'ephemeral' } }
    const one = addressPrivacy(ephemeral)
    expect(one.redact('203.0.113.9')).toBe(one.redact('203.0.113.9'))
    expect(one.redact('203.0.113.9')).not.toBe(addressPrivacy(ephemeral).redact('203.0.113.9'))
  })

  test('a key changed by its owner later changes nothing', () => {
    const key = new TextEncoder().encode(KEY)
    const privacy = addressPrivacy({ address: 'hmac', hmac: { key } })
    const before = privacy.redact('203.0.113.9')
    key.fill(0)
    expect(privacy.redact('203.0.113.9')).toBe(before)
  })
})

describe('no record leaks what another field hides', () => {
  const octet = fc.integer({ min: 1, max: 254 })
  const v4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))
  const group = fc.integer({ min: 0x1000, max: 0xffff }).map((n) => n.toString(16))
  const v6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((parts) => parts.join(':'))
  const around = fc.constantFrom(
    '',
    ' ',
    ', ',
    '"',
    '[',
    ']:443',
    ':8080',
    ';',
    '=',
    '/32',
    '/128',
    '%eth0',
    'x',
  )

  test.each<[string, PrivacyOptions]>([
    ['truncated', { address: 'truncated' }],
    ['hmac', hmac],
  ])('whatever is around an address in a header: %s', (_name, options) => {
    const privacy = addressPrivacy(options)
    fc.assert(
      fc.property(fc.oneof(v4, v6), around, around, (address, before, after) => {
        // The truncated form of an address may be the address itself.
        fc.pre(shown(options, address) !== address)
        expect(privacy.redact(`${before}${address}${after}`)).not.toContain(address)
      }),
      { numRuns: 1000 },
    )
  })

  test.each<[string, PrivacyOptions]>([
    ['truncated', { address: 'truncated' }],
    ['hmac', hmac],
  ])('client, peer, hop, header and entry of all field sets: %s', (_name, options) => {
    const direct = clientAt('203.0.113.9', 5555)
    const behind = clientVia('203.0.113.9:5555')
    const undetermined = clientVia('unknown, 10.0.0.77')
    for (const fields of ['otel', 'ecs'] as const) {
      const log = new AccessLog({ ...options, fields, headers: ['via-address'] })
      for (const identity of [direct, behind, undetermined]) {
        const record = log.record(
          exchange({
            identity,
            headers: { 'via-address': ['203.0.113.9, 10.0.0.77', '203.0.113.9:5555'] },
            notes: [{ by: 'allowlist', facts: { entry: '203.0.113.9' } }],
          }),
        )
        const text = JSON.stringify(record.fields)
        expect(text).not.toContain('203.0.113.9')
        expect(text).not.toContain('10.0.0.1"')
        expect(text).not.toContain('10.0.0.77')
        expect(text).not.toMatch(/"(client\.port|network\.peer\.port|port)":/)
      }
    }
    const line = new AccessLog({ ...options, fields: 'combined' }).record(exchange()).line
    expect(line).not.toContain('203.0.113.9')
  })

  test('a record says in which form it shows addresses', () => {
    expect(new AccessLog({ address: 'truncated' }).record(exchange()).fields).toMatchObject({
      'truehop.address': 'truncated',
    })
    expect(new AccessLog({}).record(exchange()).fields).not.toHaveProperty('truehop.address')
  })

  test('replacing takes time in proportion to the text', () => {
    const privacy = addressPrivacy({ address: 'truncated' })
    for (const piece of ['a', ':', '.', '1.', '1.1.1.', 'a:', '1.1.1.1', '::1 ']) {
      const text = piece.repeat(Math.ceil(60_000 / piece.length))
      expect(privacy.redact(text).length).toBeLessThan(text.length * 3)
    }
  })
})
