import { encode } from '@truehop/proxy-protocol'
import fc from 'fast-check'

/** Some text or bytes that claim a client, and what they mean. */
export interface Claim<Form> {
  readonly form: Form
  /** The address that is claimed, `NOBODY`, or null: whoever says it speaks for itself. */
  readonly means: string | null
}

/** The meaning of what names no address. */
export const NOBODY = 'nobody'

const CLIENTS_V4 = ['198.51.100.7', '203.0.113.9', '192.0.2.1']
/** NAT64 and 6to4 among them, which are not the IPv4 address that they hold. */
const CLIENTS_V6 = [
  '2001:db8::7',
  '2001:db8:1:2:3:4:5:6',
  '64:ff9b::c633:6407',
  '2002:c633:6407::1',
]
/** Proxies that the policies trust, by what they assert. */
const HOPS_V4 = ['127.0.0.3', '10.1.0.1', '10.2.0.1', '10.2.7.7', '10.3.0.1', '10.9.0.1']
const HOPS_V6 = ['2001:db8:ffff::1']

const v4 = fc.constantFrom(...CLIENTS_V4, ...HOPS_V4)
const v6 = fc.constantFrom(...CLIENTS_V6, ...HOPS_V6)
const port = fc.constantFrom('1', '443', '65535')

const meaning = (arbitrary: fc.Arbitrary<readonly [string, string]>) =>
  arbitrary.map(([form, means]): Claim<string> => ({ form, means }))

/** How an address is written where only addresses are: `X-Forwarded-For` and single headers. */
const named = meaning(
  fc.oneof(
    { weight: 6, arbitrary: v4.map((a) => [a, a] as const) },
    fc.tuple(v4, port).map(([a, p]) => [`${a}:${p}`, a] as const),
    v4.map((a) => [`::ffff:${a}`, a] as const),
    fc.tuple(v4, port).map(([a, p]) => [`[::FFFF:${a}]:${p}`, a] as const),
    v6.map((a) => [a, a] as const),
    v6.map((a) => [`[${a.toUpperCase()}]`, a] as const),
    v6.map((a) => [`${a}%eth0`, a] as const),
    fc.tuple(v6, port).map(([a, p]) => [`[${a}]:${p}`, a] as const),
  ),
)

const GARBAGE = [
  ...['unknown', '_hidden', 'localhost', 'null', '-', '::', '0.0.0.0', '0.0.0.0:80', '[::]:80'],
  ...['0177.0.0.3', '0x7f.0.0.3', '127.3', '2130706435', '010.1.0.1', '10.1.0.256', '10.1.0.1.'],
  ...['10.1.0.1:', '10.1.0.1:65536', '10.1.0.1:http', '[10.1.0.1]', '[2001:db8::7', '2001:db8::7]'],
  ...['10.1.0.1/32', '10.1.0.1 10.1.0.1', '"10.1.0.1"', 'for=10.1.0.1', '1::2::3', '::ffff:1.2.3'],
  ...[
    '\xe9\xff\x80',
    '%31%30',
    '$' + '{jndi:ldap://x}',
    '{"client.address":"10.1.0.1"}',
    'x'.repeat(2000),
  ],
]
const garbage = fc.constantFrom(...GARBAGE).map((form): Claim<string> => ({ form, means: NOBODY }))

/** One element of `X-Forwarded-For`, or the value of a single-address header. */
export const nodeClaim = fc.oneof(
  { weight: 6, arbitrary: named },
  { weight: 1, arbitrary: garbage },
)

/** One element of `Forwarded`; quotes are closed, but commas stand in some. */
export const elementClaim = meaning(
  fc.oneof(
    { weight: 4, arbitrary: v4.map((a) => [`for=${a}`, a] as const) },
    v4.map((a) => [`proto=https;For="${a}";by=203.0.113.43`, a] as const),
    v4.map((a) => [`for=${a};host="a, for=10.1.0.1";ext="\\","`, a] as const),
    fc.tuple(v4, port).map(([a, p]) => [`FOR="${a}:${p}"`, a] as const),
    v6.map((a) => [`for="[${a}]"`, a] as const),
    fc.tuple(v6, port).map(([a, p]) => [`for="[${a}]:${p}" ; proto=http`, a] as const),
    fc
      .constantFrom(
        ...['for=unknown', 'for=_hidden', 'for="_a:_b"', 'proto=https', 'for=""', 'for=', 'for'],
        ...['for=10.1.0.1:80', 'for=10.1.0.1;for=10.1.0.1', 'for = 10.1.0.1', '10.1.0.1'],
        ...['for="[10.1.0.1]"', 'for=2001:db8::7', 'for="0.0.0.0"', 'for="10.1.0.1";x', '\xff'],
      )
      .map((form) => [form, NOBODY] as const),
  ),
)

/** What someone puts left of everything, to spoil what is appended to it. */
export const poison = fc.constantFrom(
  ...['for="10.1.0.1', 'for="10.1.0.1\\', '"', '[', '\\"', ';=', 'x='.repeat(500), '\xff"'],
)

/** A PROXY header. */
export const headerClaim: fc.Arbitrary<Claim<Uint8Array>> = fc.oneof(
  fc.tuple(v4, fc.constantFrom(1, 2)).map(([a, version]) => proxied(version, 'INET', a, a)),
  fc.tuple(v6, fc.constantFrom(1, 2)).map(([a, version]) => proxied(version, 'INET6', a, a)),
  fc.constant('10.9.0.1').map((a) => proxied(2, 'INET', a, a)),
  v4.map((a) => proxied(2, 'INET6', `::ffff:${a}`, a)),
  fc.constant(proxied(1, 'INET', '0.0.0.0', NOBODY)),
  fc.constantFrom(
    speaksForItself({ version: 1, command: 'PROXY' }),
    speaksForItself({ version: 2, command: 'PROXY' }),
    speaksForItself({ version: 2, command: 'LOCAL' }),
  ),
  fc.constant(fromUnix()),
)

function proxied(
  version: 1 | 2,
  family: 'INET' | 'INET6',
  address: string,
  means: string,
): Claim<Uint8Array> {
  const source = { address, port: 4711 }
  const destination = { address: family === 'INET' ? '192.0.2.80' : '2001:db8::80', port: 443 }
  const transport = 'STREAM'
  const form = encode({ version, command: 'PROXY', family, transport, source, destination })
  return { form, means }
}

/** LOCAL, UNKNOWN and UNSPEC. */
function speaksForItself(head: {
  readonly version: 1 | 2
  readonly command: 'PROXY' | 'LOCAL'
}): Claim<Uint8Array> {
  return { form: encode({ ...head, family: 'UNSPEC', transport: 'UNSPEC' }), means: null }
}

function fromUnix(): Claim<Uint8Array> {
  const [source, destination] = [{ path: '/run/client' }, { path: '/run/server' }]
  const head = { version: 2, command: 'PROXY', family: 'UNIX', transport: 'STREAM' } as const
  return { form: encode({ ...head, source, destination }), means: NOBODY }
}
