import { definePolicy } from '@truehop/identity'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAwsAttributes } from '../src/pair/check/aws-reader.js'
import { type Check, checkFile } from '../src/pair/check/check-file.js'
import { type HopContract, hopContract } from '../src/pair/hop-contract.js'
import { PAIR_TARGETS } from '../src/pair/targets/index.js'
import { UsageError } from '../src/program/usage-error.js'

const numRuns = Number(process.env['TRUEHOP_RUNS'] ?? 400)

const TRUST = ['10.0.0.0/8']
const CONTRACTS: Readonly<Record<string, HopContract>> = {
  'a PROXY header': hopContract(
    definePolicy({ hops: [{ from: TRUST, asserts: 'proxy-protocol' }] }),
  ),
  'X-Forwarded-For': hopContract(definePolicy({ trust: TRUST, header: 'x-forwarded-for' })),
  'X-Real-IP': hopContract(definePolicy({ trust: TRUST, header: 'x-real-ip' })),
}

const ENDS = {
  listen: { host: '127.0.0.1', port: 80 },
  upstream: { host: '10.0.1.7', port: 3000 },
}

const NLB = JSON.stringify({ Attributes: [{ Key: 'proxy_protocol_v2.enabled', Value: 'true' }] })
const ALB = JSON.stringify({
  Attributes: [{ Key: 'routing.http.xff_header_processing.mode', Value: 'append' }],
})

/** One configuration of each format that a reader reads, for each contract that it can be for. */
const RIGHT = Object.entries(CONTRACTS).flatMap(([name, contract]) => {
  const readable =
    /^(haproxy|nginx|apache|caddy|traefik|envoy|envoy-gateway|kgateway|ingress-nginx)$/
  const written = PAIR_TARGETS.filter(
    (target) => readable.test(target.name) && target.sends.includes(contract.sends),
  ).map((target) => ({ of: target.name, text: target.write(contract, ENDS).text }))
  const attributes = { 'a PROXY header': NLB, 'X-Forwarded-For': ALB }[name]
  const aws = attributes === undefined ? [] : [{ of: 'aws', text: attributes }]
  return [...written, ...aws].map((one) => ({ ...one, name, contract }))
})

/** The comparison, or undefined for a text that is refused; anything else that is thrown is a fault. */
function read(text: string, contract: HopContract): Check | undefined {
  try {
    return checkFile('hop.conf', text, contract)
  } catch (error) {
    if (error instanceof UsageError) return undefined
    throw error
  }
}

const agrees = (check: Check | undefined): boolean =>
  check !== undefined && check.findings.length === 0 && check.notUnderstood.length === 0

/** What readers trip over: half quotes, braces, escapes, anchors, tags, line ends, and names of objects. */
const SHARDS = [
  ...[
    '"',
    "'",
    '`',
    '\\',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ';',
    '#',
    '$',
    '${',
    '%[',
    '&a',
    '*a',
    '!!',
  ],
  ...['\n', '\r\n', '\t', '\u0000', '\ufeff', '\ud800', '  ', ': ', '- ', '---\n', '<<: *a\n', ','],
  ...['__proto__', 'constructor', 'hasOwnProperty', 'null', 'true', '-1', '1e999', '999999999999'],
  ...['server', 'listen', 'backend b\n', 'http {', 'proxy_pass http://a;', 'reverse_proxy a {\n'],
  ...['<VirtualHost *>\n', '</VirtualHost>\n', 'ProxyPass / http://a/\n', '<If true>\n', '\\\n'],
  ...['kind: Service\n', '"Attributes"', 'if { src 0/0 }', 'map $a $a { default $a; }'],
]

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(40),
    put: fc.oneof(fc.constantFrom(...SHARDS), fc.string({ maxLength: 20, unit: 'binary' })),
  }),
  { minLength: 1, maxLength: 8 },
)

test.each(RIGHT)('what $of is to write for $name is right', ({ text, contract }) => {
  expect(read(text, contract)?.findings).toEqual([])
})

describe('any text', () => {
  test('is compared or refused', () => {
    const texts = fc.array(fc.oneof(fc.constantFrom(...SHARDS), fc.string()), { maxLength: 60 })
    const property = fc.property(
      texts.map((parts) => parts.join('')),
      fc.constantFrom(...Object.values(CONTRACTS)),
      (text, contract) => {
        read(text, contract)
      },
    )
    fc.assert(property, { numRuns })
  })

  test('that was a configuration and was broken somewhere, too', () => {
    const property = fc.property(
      fc.constantFrom(...RIGHT),
      edits,
      ({ text, contract }, changes) => {
        let broken = text
        for (const { at, cut, put } of changes) {
          const index = Math.floor(at * broken.length)
          broken = broken.slice(0, index) + put + broken.slice(index + cut)
        }
        read(broken, contract)
      },
    )
    fc.assert(property, { numRuns })
  })

  test('that says nothing of a way to the service does not agree', () => {
    const words = fc.string({ unit: fc.constantFrom(...'abcxyz -_:#{}[]"\'\n') })
    const heads = fc.constantFrom(
      'listen a\n',
      'backend b\n',
      'http {\n',
      '<VirtualHost *:80>\n',
      'kind: Pod\n',
      'a: 1\n',
      '',
    )
    const property = fc.property(
      heads,
      words,
      fc.constantFrom(...Object.values(CONTRACTS)),
      (head, text, contract) => {
        expect(agrees(read(head + text, contract))).toBe(false)
      },
    )
    fc.assert(property, { numRuns })
  })
})

/** The words that make each of them right. */
const ESSENTIAL = [
  ...['send-proxy-v2', 'proxy_protocol on', 'proxy_protocol v2', 'proxyProtocol'],
  ...[
    'upstreamProxyProtocol',
    'ProxyProtocolUpstreamTransport',
    '::PROXY',
    'proxy_protocol_v2.enabled',
  ],
]

describe('without the word that sends a PROXY header', () => {
  const rows = RIGHT.filter(({ name }) => name === 'a PROXY header').flatMap((row) => {
    const words = ESSENTIAL.filter((word) => row.text.includes(word))
    return words.map((word) => ({ ...row, word }))
  })

  test('each format has one', () => {
    expect(new Set(rows.map(({ of }) => of)).size).toBe(
      RIGHT.filter(({ name }) => name === 'a PROXY header').length,
    )
  })

  test.each(rows)('$of without $word does not agree', ({ text, word, contract }) => {
    const misspelt = (letter: string): string =>
      text.replaceAll(word, `${word.slice(0, 2)}${letter}${word.slice(2)}`)
    fc.assert(
      fc.property(fc.constantFrom(...'abqxz09'), (letter) => {
        expect(agrees(read(misspelt(letter), contract))).toBe(false)
      }),
    )
  })
})

/** Each is read to its end within the patience of a test. */
describe('a large text comes to an end', () => {
  const many = (text: string, times = 20_000): string => text.repeat(times)
  const doubling = Array.from({ length: 60 }, (_, index) => {
    return `map $a $v${index} { default "$v${index + 1}$v${index + 1}"; x "$v${index + 1}"; }`
  }).join('\n')
  const rows: readonly (readonly [string, string])[] = [
    ['half quotes', `backend b\n${many('server s "a\n')}`],
    ['one long line', `backend b\nserver s ${many('"a" ')}`],
    ['backslashes', `http { proxy_pass http://a; ${many('\\')} }`],
    ['blocks within blocks', `http {${many('a {')}`],
    ['sections within sections', `ProxyPass / http://a/\n${many('<Location />\n')}`],
    ['sections that end', `ProxyPass / http://a/\n${many('<Location />\n</Location>\n')}`],
    ['lines that go on', `ProxyPass / http://a/ \\\n${many('a \\\n')}`],
    ['blocks of a Caddyfile', `reverse_proxy a {\n${many('a {\n')}`],
    ['quotes that nothing ends', `http { proxy_pass a; ${many(`"'`)}`],
    [
      'variables that double',
      `http { ${doubling} server { proxy_set_header X-Real-IP $v0; proxy_pass http://a; } }`,
    ],
    ['a list within lists', `kind: Service\na: ${many('[')}`],
    [
      'aliases of aliases',
      `a: &a [x]\n${Array.from({ length: 40 }, (_, i) => `a${i}: &b${i} [${many(`*${i === 0 ? 'a' : `b${i - 1}`}, `, 9)}]`).join('\n')}`,
    ],
    ['attributes', `{"Attributes": [${many('{"Key": "a"},')}{}]}`],
    ['blanks', `listen a\n${many(' \t')}\n${many('\n')}`],
  ]

  test.each(rows)('%s', (_name, text) => {
    for (const contract of Object.values(CONTRACTS)) {
      expect(agrees(read(text, contract))).toBe(false)
    }
  })
})

describe('attributes of AWS that do not say what is sent', () => {
  test('of neither kind are not understood, and no sender is made up', () => {
    const stickiness = { Key: 'stickiness.enabled', Value: 'false' }
    expect(readAwsAttributes(JSON.stringify({ Attributes: [stickiness] }))).toMatchObject({
      senders: [],
      notUnderstood: [{ place: 'Attributes' }],
    })
  })

  test.each(['{"Attributes": "none"}', '{"LoadBalancer": {"Attributes": []}}'])(
    'and are no list are an error: %s',
    (text) => {
      expect(() => readAwsAttributes(text)).toThrow('"Attributes" is not a list')
    },
  )
})
