import { createHmac } from 'node:crypto'
import { type ClientIdentity, definePolicy, resolve } from '@truehop/identity/portable'
import { parseAddress } from '@truehop/ip'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { eventJson } from '../src/audit/events.js'
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
    // An address of 6to4 is an IPv4 address and what is behind it: RFC 3056 section 2.
    ['2002:cb00:7109:1::2', '2002:cb00:7100::'],
  ])('%s is %s', (text, form) => {
    expect(shown({ address: 'truncated' }, text)).toBe(form)
  })

  test.each([
    ['198.51.100.7, 203.0.113.9', '198.51.100.0, 203.0.113.0'],
    ['for="[2001:db8:1:2::3]:4711";by=203.0.113.9', 'for="[2001:db8:1::]";by=203.0.113.0'],
    ['203.0.113.9:443', '203.0.113.0'],
    ['[::ffff:203.0.113.9]:443 and [a]:443', '[203.0.113.0] and [a]:443'],
    ['ec2-203-0-113-9.compute.example', 'ec[redacted].compute.example'],
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

describe('the bits that are kept', () => {
  test.each([
    [{ ipv4: 16 }, '203.0.113.9', '203.0.0.0'],
    [{ ipv4: 31 }, '203.0.113.9', '203.0.113.8'],
    [{ ipv4: 1 }, '203.0.113.9', '128.0.0.0'],
    [{ ipv6: 32 }, '203.0.113.9', '203.0.113.0'],
    [{ ipv6: 32 }, '2001:db8:1234::9', '2001:db8::'],
    [{ ipv6: 1 }, 'ffff::9', '8000::'],
    [{ ipv6: 127 }, 'fe80::3', 'fe80::2'],
    [{ ipv4: 16 }, '2002:cb00:7109:1::2', '2002:cb00::'],
    [{ ipv6: 127 }, '64:ff9b::203.0.113.9', '64:ff9b::cb00:7100'],
    [{ ipv6: 127 }, '::203.0.113.9', '::cb00:7100'],
    // The client's address of Teredo has its bits inverted: RFC 4380 section 4.
    [{ ipv6: 127 }, '2001:0:c633:6401:0:1:34ff:8ef6', '2001:0:c633:6401:0:1:34ff:8e00'],
  ])('%j: %s is %s', (keep, text, form) => {
    expect(shown({ address: 'truncated', keep }, text)).toBe(form)
  })

  test.each<[object, string]>([
    [{ address: 'truncated', keep: { ipv4: 32 } }, 'keep.ipv4'],
    [{ address: 'truncated', keep: { ipv4: 0 } }, 'keep.ipv4'],
    [{ address: 'truncated', keep: { ipv6: 128 } }, 'keep.ipv6'],
    [{ address: 'truncated', keep: { ipv4: '24' } }, 'keep.ipv4'],
    [{ address: 'hmac', hmac: { key: KEY }, keep: {} }, 'keep'],
    [{ address: 'none', keep: {} }, 'keep'],
    [{ keep: {} }, 'keep'],
  ])('%j is refused', (options, path) => {
    expect(() => addressPrivacy(options)).toThrow(
      expect.objectContaining({ name: 'LogError', code: 'bad-option', path }),
    )
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
    ['none', { address: 'none' }],
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
    ['none', { address: 'none' }],
    ['16 and 32 bits', { address: 'truncated', keep: { ipv4: 16, ipv6: 32 } }],
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

  test.each<[string, PrivacyOptions]>([
    ['truncated', { address: 'truncated' }],
    ['20 and 60 bits', { address: 'truncated', keep: { ipv4: 20, ipv6: 60 } }],
    ['hmac', hmac],
    ['none', { address: 'none' }],
  ])('no address at any place of a record is there in full: %s', (_name, options) => {
    const address = fc.oneof(v4, v6)
    const place = fc.tuple(address, address, address, address, fc.boolean())
    fc.assert(
      fc.property(place, ([client, peer, listed, sni, isKnown]) => {
        const policy = definePolicy({ trust: ['any'], header: 'x-forwarded-for' })
        const headers = { 'x-forwarded-for': `${isKnown ? client : 'unknown'}, ${client}` }
        const tlvs = { uniqueId: `${client}:1`, authority: sni, alpn: undefined }
        const resolved = resolve(policy, { peer, peerPort: 4711, headers })
        const identity: ClientIdentity = { ...resolved, tlvs }
        const facts = { entry: `${listed}/32`, reason: `x-forwarded-for: ${client}, [${peer}]:80` }
        const written = (['otel', 'ecs', 'combined'] as const).map((fields) => {
          const recorded = fields === 'combined' ? {} : { headers: ['x-forwarded-for'] }
          return new AccessLog({ ...options, fields, ...recorded }).record(
            exchange({
              identity,
              requestId: undefined,
              notes: [{ by: 'allowlist', facts }],
              headers: { 'x-forwarded-for': [client, `for="[${peer}]:443"`] },
            }),
          )
        })
        const event = eventJson(
          { event: 'denied', message: { identity, decision: { ...facts, [listed]: listed } } },
          addressPrivacy(options),
        )
        const text = `${JSON.stringify(written)} ${event}`
        for (const each of [client, peer, listed, sni]) {
          if (shown(options, each) !== each) expect(text.split(/[^\w.:]/)).not.toContain(each)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('an id of the request that a proxy made of the address has it hidden, others stay', () => {
    const ids = ['203.0.113.9:4711_10.1.2.3:443_67a1', '123e4567-e89b-12d3-a456-426614174000']
    const [made, other] = ids.map((requestId) => {
      const each = exchange({ requestId })
      const options: PrivacyOptions = { address: 'truncated' }
      const ecs = new AccessLog({ ...options, fields: 'ecs' }).record(each).fields
      const otel = new AccessLog({ ...options, fields: 'otel' }).record(each).fields
      return [otel?.['truehop.request.id'], Object(ecs?.['http']).request.id]
    })
    expect(made).toEqual(Array(2).fill('203.0.113.0_10.1.2.0_67a1'))
    expect(other).toEqual(Array(2).fill(ids[1]))
  })

  test('where addresses are left out a record has no field of one, and a span says so', () => {
    const log = new AccessLog({ address: 'none', span: () => span })
    const set = new Map<string, unknown>()
    const span = { setAttribute: (name: string, value: unknown) => set.set(name, value) }
    for (const identity of [clientAt('203.0.113.9'), clientVia('unknown'), undefined]) {
      const names = Object.keys(log.record(exchange({ identity })).fields ?? {})
      expect(names.filter((name) => /address$/.test(name))).toEqual(['truehop.address'])
    }
    log.mark({}, clientAt('203.0.113.9'))
    expect(set.get('client.address')).toBe('[redacted]')
    expect(set.get('network.peer.address')).toBe('[redacted]')
    const { line } = new AccessLog({ address: 'none', fields: 'combined' }).record(exchange())
    expect(line).toMatch(/^- - - \[/)
    const ecs = new AccessLog({ address: 'none', fields: 'ecs' }).record(exchange()).fields
    expect(ecs).not.toHaveProperty('client')
    expect(ecs).not.toHaveProperty('source')
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
