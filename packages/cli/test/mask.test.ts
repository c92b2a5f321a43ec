import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fileWriter, truehop } from './command-line.js'

const write = fileWriter()
const KEY = 'x8Vd0yL3nQ5wS7zB'

/** By the rule in docs/logging.md: HMAC-SHA-256 with the key of the record's period. */
function token(bytes: readonly number[], day: number): string {
  const key = createHmac('sha256', KEY).update(`truehop address period ${day}`).digest()
  return `hmac-${createHmac('sha256', key).update(Uint8Array.from(bytes)).digest('hex').slice(0, 32)}`
}

const CLIENT = [203, 0, 113, 9]
const DAY = Math.floor(Date.UTC(2025, 10, 20) / 86_400_000)

const keyed = () => ['--key-file', write('log.key', `${KEY}\n`)]

async function masked(stdin: string, ...args: string[]) {
  const { code, out, err } = await truehop(['mask', ...args], { stdin })
  return { code, lines: out.split('\n').slice(0, -1), err }
}

const truncated = (stdin: string, ...args: string[]) =>
  masked(stdin, '--address', 'truncated', ...args)

const COMBINED =
  '203.0.113.9 - alice [20/Nov/2025:23:30:03 -0100] "GET /a?from=203.0.113.9 HTTP/1.1" 200 512 "-" "Chrome/120.0.0.1"'

describe('a line of the combined format', () => {
  test('has its first field, and what a log adds at the end, in the new form', async () => {
    const { lines, code } = await truncated(`${COMBINED} "203.0.113.9, 10.1.2.3"\n`)
    expect(lines).toEqual([
      `${COMBINED.replace('203.0.113.9 ', '203.0.113.0 ')} "203.0.113.0, 10.1.2.0"`,
    ])
    expect(code).toBe(0)
  })

  test('has the token of the period that its own time lies in', async () => {
    const args = ['--address', 'hmac', '--key-file', write('log.key', `${KEY}\n`)]
    const { lines } = await masked(`${COMBINED}\n`, ...args)
    // 23:30 at -0100 is the next day in UTC.
    expect(lines[0]?.split(' ')[0]).toBe(token(CLIENT, DAY + 1))
    expect((await masked(`${lines[0]}\n`, ...args)).lines).toEqual(lines)
  })

  test('has none where addresses are left out, and keeps the bits that are asked for', async () => {
    expect((await masked(COMBINED, '--address', 'none')).lines[0]).toMatch(/^- - alice \[/)
    expect((await truncated(COMBINED, '--ipv4', '12')).lines[0]).toMatch(/^203\.0\.0\.0 - /)
  })

  test('is masked in its request as well where that is asked for', async () => {
    const { lines } = await truncated(COMBINED, '--everywhere')
    expect(lines[0]).toContain('"GET /a?from=203.0.113.0 HTTP/1.1"')
  })

  test.each([
    ['203.0.113.9', '203.0.113.0'],
    ['2001:db8:1:2::3', '2001:db8:1::'],
    ['2025-11-20T23:30:03-01:00', '2025-11-20T23:30:03-01:00'],
    ['20/Nov/2025:23:30:03 -0100', '20/Nov/2025:23:30:03 -0100'],
  ])('has no address where its time should be: %s', async (time, expected) => {
    const { lines } = await truncated(COMBINED.replace(/\[[^\]]*\]/, `[${time}]`))
    expect(lines[0]).toContain(`[${expected}]`)
  })

  test('has no address left where it is percent-encoded, as in a query', async () => {
    const line = COMBINED.replace('from=203.0.113.9', 'ip=2001%3Adb8%3A1%3A2%3A%3A3')
    const { lines } = await truncated(line, '--everywhere')
    expect(lines[0]).toContain('?ip=2001:db8:1:: HTTP')
  })

  test('goes on byte by byte, whatever its encoding', async () => {
    const line = COMBINED.replace('alice', 'andr\xe9')
    const { out } = await truehop(['mask', '--address', 'truncated'], { stdin: `${line}\n` })
    expect(Buffer.from(out, 'utf8').toString()).toContain('andr\ufffd')
  })
})

const OTEL = {
  level: 30,
  time: Date.UTC(2025, 10, 20, 12),
  'url.path': '/from/203.0.113.9',
  'user_agent.original': 'Chrome/120.0.0.1',
  'client.address': '203.0.113.9',
  'client.port': 5555,
  'network.peer.address': '10.1.2.3',
  'network.peer.port': 40_000,
  'truehop.identity.status': 'resolved',
  'truehop.proxy_protocol.unique_id': 'CB007109:15B3',
  'http.request.header.x-forwarded-for': ['203.0.113.9, 10.1.2.3'],
  msg: 'access',
}
const ECS = {
  '@timestamp': '2025-11-20T12:00:00.000Z',
  client: { address: '2001:db8:1:2::3', ip: '2001:db8:1:2::3', port: 5555 },
  source: { address: '10.1.2.3', ip: '10.1.2.3', port: 40_000 },
  user_agent: { original: 'Chrome/120.0.0.1' },
  truehop: { identity: { status: 'resolved' }, allowlist: { entry: '203.0.113.9/32' } },
}

async function maskedRecord(record: object, ...args: string[]): Promise<unknown> {
  const { lines, err } = await masked(`${JSON.stringify(record)}\n`, ...args)
  expect(lines, err).toHaveLength(1)
  return JSON.parse(lines[0] ?? '')
}

describe('a record of the access log', () => {
  test('under the names of OpenTelemetry becomes what a live record would have been', async () => {
    const { 'client.port': _, 'network.peer.port': __, ...rest } = OTEL
    const { 'truehop.proxy_protocol.unique_id': ___, ...shown } = rest
    expect(await maskedRecord(OTEL, '--address', 'truncated')).toEqual({
      ...shown,
      'client.address': '203.0.113.0',
      'network.peer.address': '10.1.2.0',
      'http.request.header.x-forwarded-for': ['203.0.113.0, 10.1.2.0'],
      'truehop.address': 'truncated',
    })
  })

  test('of the Elastic Common Schema as well, without the fields of type ip for tokens', async () => {
    expect(await maskedRecord(ECS, '--address', 'truncated')).toEqual({
      ...ECS,
      client: { address: '2001:db8:1::', ip: '2001:db8:1::' },
      source: { address: '10.1.2.0', ip: '10.1.2.0' },
      truehop: {
        identity: { status: 'resolved' },
        allowlist: { entry: '203.0.113.0/32' },
        address: 'truncated',
      },
    })
    const file = write('log.key', KEY)
    expect(await maskedRecord(ECS, '--address', 'hmac', '--key-file', file)).toMatchObject({
      source: { address: token([10, 1, 2, 3], DAY) },
      truehop: { address: 'hmac' },
    })
  })

  test('loses its fields of addresses where they are left out', async () => {
    expect(await maskedRecord(OTEL, '--address', 'none')).toEqual({
      level: 30,
      time: OTEL.time,
      'url.path': '/from/203.0.113.9',
      'user_agent.original': 'Chrome/120.0.0.1',
      'truehop.identity.status': 'resolved',
      'http.request.header.x-forwarded-for': ['[redacted], [redacted]'],
      msg: 'access',
      'truehop.address': 'none',
    })
  })

  test('has no id made of the address, also where it is the id of the request', async () => {
    const id = OTEL['truehop.proxy_protocol.unique_id']
    const otel = await maskedRecord(
      { ...OTEL, 'truehop.request.id': id },
      '--address',
      'hmac',
      ...keyed(),
    )
    expect(otel).not.toHaveProperty(['truehop.request.id'])
    const truehop = { ...ECS.truehop, proxy_protocol: { unique_id: id } }
    const record = { ...ECS, http: { request: { id, method: 'GET' } }, truehop }
    expect(await maskedRecord(record, '--address', 'truncated')).toMatchObject({
      http: { request: { method: 'GET' } },
      truehop: { proxy_protocol: {} },
    })
    expect(JSON.stringify(await maskedRecord(record, '--address', 'truncated'))).not.toContain(id)
    const other = { ...OTEL, 'truehop.request.id': 'req-1' }
    expect(await maskedRecord(other, '--address', 'truncated')).toMatchObject({
      'truehop.request.id': 'req-1',
    })
  })

  test('has headers that were asked for as a live record has them, user agents as well', async () => {
    const record = { ...OTEL, 'http.request.header.user-agent': ['a 203.0.113.9'] }
    expect(await maskedRecord(record, '--address', 'truncated')).toMatchObject({
      'http.request.header.user-agent': ['a 203.0.113.0'],
      'user_agent.original': 'Chrome/120.0.0.1',
    })
  })

  test('says of a form that is not known nothing but that', async () => {
    const line = JSON.stringify({ 'truehop.address': '\u001b[31m203.0.113.9' })
    const { code, lines, err } = await truncated(line)
    expect([code, lines]).toEqual([1, []])
    expect(err).toMatch(/^-:1: has its addresses in a form that is not known, already/)
  })

  test('that is hidden already stays as it is, or is kept out if it cannot take the form', async () => {
    const hidden = { ...OTEL, 'client.address': '203.0.113.0', 'truehop.address': 'truncated' }
    const line = `${JSON.stringify(hidden)}\n`
    expect((await truncated(line)).lines[0]).toContain('"client.address":"203.0.113.0"')
    const file = write('log.key', KEY)
    const { code, lines } = await masked(line, '--address', 'hmac', '--key-file', file)
    expect([code, lines]).toEqual([1, []])
  })
})

describe('a line of JSON of another program', () => {
  test('has every address in every string and name masked, and numbers as they were', async () => {
    const { lines } = await truncated(
      '{"t":"2025-11-20T12:00:00Z","trace":12345678901234567890,"m":"from 203.0.113.9:443","by":{"203.0.113.9":1.50},"far":1E400,"remotePort":5}\n',
    )
    expect(lines).toEqual([
      '{"t":"2025-11-20T12:00:00Z","trace":12345678901234567890,"m":"from 203.0.113.0","by":{"203.0.113.0":1.50},"far":1E400}',
    ])
  })

  test('is kept out where two names in it become one, and where it is nested without end', async () => {
    const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`
    const { code, lines } = await truncated(`{"203.0.113.9":1,"203.0.113.8":2}\n${deep}\n`)
    expect([code, lines]).toEqual([1, []])
  })

  test.each([
    ['ts', '1763640000.1234567'],
    ['time', '1763640000123'],
    ['time', '1763640000123456'],
    ['time', '1763640000123456789'],
    ['time', '"0.005","@timestamp":"2025-11-20T12:00:00Z"'],
    ['time', '12,"ts":1763640000'],
  ])('has the token of its day by any usual time: %s %s', async (name, time) => {
    const line = `{"${name}":${time},"ip":"203.0.113.9"}\n`
    const { lines } = await masked(line, '--address', 'hmac', ...keyed())
    expect(lines).toEqual([`{"${name}":${time},"ip":"${token(CLIENT, DAY)}"}`])
  })

  test.each(['"0.005"', '12', '"12/20/2025"', '1763640000123456789012'])(
    'has no token by %s, which is no time that can be relied on',
    async (time) => {
      const line = `{"time":${time},"ip":"203.0.113.9"}\n`
      expect((await masked(line, '--address', 'hmac', ...keyed())).lines).toEqual([])
    },
  )

  // Each quote searched for up to the end of the line takes a quarter of an hour.
  test('is not JSON, found out at once, with half a million quotes', async () => {
    const { code, lines } = await truncated(`{${'\\"'.repeat(500_000)}\n`)
    expect([code, lines]).toEqual([1, []])
  })

  test('with a time that cannot be read has no token', async () => {
    const file = write('log.key', KEY)
    const line = '{"time":"yesterday","ip":"203.0.113.9"}\n'
    const { code, lines, err } = await masked(line, '--address', 'hmac', '--key-file', file)
    expect([code, lines]).toEqual([1, []])
    expect(err).toContain('-:1: has no time that can be read')
  })

  test('has no address left in any of its strings, wherever they are', async () => {
    const octet = fc.integer({ min: 1, max: 254 })
    const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))
    const shape = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('list'), tie('object')),
      leaf: fc.constantFrom('A', 'x A y', '"A"', 'A:80', '[A]', 1, null, true),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc.dictionary(fc.constantFrom('a', 'ip', 'A', 'user'), tie('value'), { maxKeys: 3 }),
    })).object
    await fc.assert(
      fc.asyncProperty(shape, address, async (record, client) => {
        const text = JSON.stringify(record).replaceAll('A', client)
        for (const form of ['truncated', 'none']) {
          const { lines, code } = await masked(`${text}\n`, '--address', form)
          expect(code).toBe(0)
          expect(lines.join('').split(/[^\d.]/)).not.toContain(client)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('a line that cannot be read', () => {
  test.each([
    ['a line of text', 'hello from 203.0.113.9'],
    ['half a record', '{"ip":"203.0.113.9"'],
    ['a host name instead of an address', COMBINED.replace('203.0.113.9', 'dsl.example.net')],
    ['bytes that are not UTF-8', '{"ip":"203.0.113.9\xff"}'],
    ['one too long', `{"ip":"203.0.113.9","x":"${'x'.repeat(1_048_576)}"}`],
  ])('is kept out and named, and the exit code says so: %s', async (_name, line) => {
    const { code, lines, err } = await truncated(`${COMBINED}\n${line}\n\n${COMBINED}\n`)
    expect(code).toBe(1)
    expect(lines.map((each) => each.slice(0, 12))).toEqual(['203.0.113.0 ', '', '203.0.113.0 '])
    expect(err).toMatch(/^-:2: .*; kept out\n3 lines masked, 1 kept out\n$/)
    expect(err).not.toContain('203.0.113.9')
  })
})

test('files are read in their order, compressed or not', async () => {
  const file = write('old.gz', '')
  writeFileSync(file, gzipSync(`${COMBINED}\n`))
  const { lines } = await truncated('', file, write('new.log', JSON.stringify(OTEL)))
  expect(lines.map((line) => line.slice(0, 12))).toEqual(['203.0.113.0 ', '{"level":30,'])
})

test('says that the copy of an audit trail cannot be verified', async () => {
  const hash = '0'.repeat(64)
  const record = { seq: 0, time: '2025-11-20T12:00:00Z', peer: '10.1.2.3', prev: hash, hash }
  const { err, code } = await truncated(JSON.stringify(record))
  expect([code, err]).toEqual([0, expect.stringContaining('keep the original')])
  const { hash: _, ...chained } = record
  const sealed = { ...chained, key: 'a1b2c3d4.0', mac: hash, hash }
  expect((await truncated(JSON.stringify(sealed))).err).toContain('keep the original')
})

test('the word for keys that nobody keeps is not a key in a file', async () => {
  const file = write('log.key', 'ephemeral\n')
  const { code, err } = await masked(`${COMBINED}\n`, '--address', 'hmac', '--key-file', file)
  expect([code, err]).toEqual([2, expect.stringContaining('at least 16 bytes')])
})

describe('what has no effect or is missing is refused', () => {
  test.each([
    [['--address', 'hmac'], '--key-file is missing'],
    [['--address', 'none', '--ipv4', '8'], "has no effect with address: 'none'"],
    [['--address', 'truncated', '--period', '3600'], 'hmac'],
    [['--address', 'truncated', '--ipv4', '33'], 'integer from 1 to 31'],
    [[], '--address'],
  ])('%j', async (args, message) => {
    const { code, err, lines } = await masked(`${COMBINED}\n`, ...args)
    expect([code, lines]).toEqual([2, []])
    expect(err).toContain(message)
  })
})
