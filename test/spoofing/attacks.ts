import type { OutgoingHttpHeaders } from 'node:http'
import type { HopsOptions } from '@truehop/identity'
import { encode } from '@truehop/proxy-protocol'

/** Who connects, by address. The last one is nobody that a rule names. */
export const FROM = {
  loadBalancer: '127.0.0.2',
  edge: '127.0.0.3',
  forwarder: '127.0.0.4',
  cdn: '127.0.0.5',
  stranger: '127.0.0.9',
} as const

/** The attacker's own address, as the proxies in front of the application see it. */
export const ATTACKER = '198.51.100.7'
/** The address that every attack tries to be seen as. */
export const VICTIM = '203.0.113.66'

export const POLICY: HopsOptions = {
  hops: [
    { name: 'load balancer', from: [FROM.loadBalancer], asserts: 'proxy-protocol' },
    { name: 'edge', from: [FROM.edge], asserts: 'x-forwarded-for' },
    { name: 'forwarder', from: [FROM.forwarder], asserts: 'forwarded' },
    { name: 'cdn', from: [FROM.cdn], asserts: 'cf-connecting-ip' },
  ],
  proxyProtocol: { direct: 'accept', maxHeaders: 2 },
}

/** Who the client is held to be, why not, or that no request was seen at all. */
export type Outcome =
  | { readonly ip: string; readonly source: string; readonly reason: string }
  | { readonly undetermined: string }
  | 'no request'

export interface Attack {
  readonly name: string
  readonly from: string
  /** Bytes in front of TLS and HTTP. */
  readonly before?: Uint8Array
  readonly headers?: OutgoingHttpHeaders
  readonly expected: Outcome
}

const STRANGER: Outcome = { ip: FROM.stranger, source: 'socket', reason: 'peer-untrusted' }
const byProxyProtocol: Outcome = {
  ip: ATTACKER,
  source: 'proxy-protocol',
  reason: 'first-untrusted',
}
const byHeader = (source: string): Outcome => ({ ip: ATTACKER, source, reason: 'first-untrusted' })

/** A header that says the connection comes from `address`. */
function header(version: 1 | 2, address: string): Buffer {
  const source = { address, port: 4711 }
  const destination = { address: '192.0.2.1', port: 443 }
  const endpoints = { family: 'INET', transport: 'STREAM', source, destination } as const
  return encode({ version, command: 'PROXY', ...endpoints, tlvs: [] })
}

const LOCAL = encode({
  version: 2,
  command: 'LOCAL',
  family: 'UNSPEC',
  transport: 'UNSPEC',
  tlvs: [],
})

/** Straight to the application: whatever is claimed, the socket peer is the client. */
const FORGED_HEADERS: Readonly<Record<string, OutgoingHttpHeaders>> = {
  'X-Forwarded-For': { 'X-Forwarded-For': VICTIM },
  'X-Forwarded-For that ends in a trusted address': {
    'X-Forwarded-For': `${VICTIM}, ${FROM.edge}`,
  },
  Forwarded: { Forwarded: `for=${VICTIM};proto=https` },
  'X-Real-IP': { 'X-Real-IP': VICTIM },
  'CF-Connecting-IP': { 'CF-Connecting-IP': VICTIM },
  'True-Client-IP': { 'True-Client-IP': VICTIM },
  'X-Client-IP': { 'X-Client-IP': VICTIM },
  'underscore twins': { x_forwarded_for: VICTIM, cf_connecting_ip: VICTIM, x_real_ip: VICTIM },
  'X-Forwarded-For named in Connection': {
    Connection: 'close, X-Forwarded-For',
    'X-Forwarded-For': VICTIM,
  },
  'all of them at once, contradicting': {
    'X-Forwarded-For': VICTIM,
    Forwarded: 'for=203.0.113.67',
    'X-Real-IP': '203.0.113.68',
    'CF-Connecting-IP': '203.0.113.69',
  },
}

const STRAIGHT: Attack[] = Object.entries(FORGED_HEADERS).map(([name, headers]) => ({
  name: `stranger, ${name}`,
  from: FROM.stranger,
  headers,
  expected: STRANGER,
}))

/** A PROXY header from someone who may not send one is no header, and no HTTP or TLS either. */
const PROXY_BY_STRANGERS: Attack[] = ([1, 2] as const).map((version) => ({
  name: `stranger, PROXY v${version}`,
  from: FROM.stranger,
  before: header(version, VICTIM),
  expected: 'no request',
}))

const PROXY_BY_EDGES: Attack[] = ([1, 2] as const).map((version) => ({
  name: `edge, which may assert X-Forwarded-For only, PROXY v${version}`,
  from: FROM.edge,
  before: header(version, VICTIM),
  expected: 'no request',
}))

/** The attacker's own bytes come after the header that the load balancer puts before them. */
const THROUGH_LOAD_BALANCER: Attack[] = [
  ...Object.entries(FORGED_HEADERS).map(([name, headers]) => ({
    name: `load balancer v2, ${name}`,
    from: FROM.loadBalancer,
    before: header(2, ATTACKER),
    headers,
    expected: byProxyProtocol,
  })),
  {
    name: 'load balancer v1, X-Forwarded-For',
    from: FROM.loadBalancer,
    before: header(1, ATTACKER),
    headers: { 'X-Forwarded-For': VICTIM },
    expected: byProxyProtocol,
  },
  ...([1, 2] as const).map((version) => ({
    name: `load balancer, PROXY v${version} inside PROXY`,
    from: FROM.loadBalancer,
    before: Buffer.concat([header(2, ATTACKER), header(version, VICTIM)]),
    expected: 'no request' as const,
  })),
  {
    name: 'load balancer, LOCAL with PROXY inside',
    from: FROM.loadBalancer,
    before: Buffer.concat([LOCAL, header(2, VICTIM)]),
    expected: 'no request',
  },
  {
    name: 'load balancer, LOCAL with X-Forwarded-For',
    from: FROM.loadBalancer,
    before: LOCAL,
    headers: { 'X-Forwarded-For': VICTIM },
    expected: { ip: FROM.loadBalancer, source: 'socket', reason: 'proxy-local' },
  },
  {
    name: 'load balancer without its header, X-Forwarded-For',
    from: FROM.loadBalancer,
    headers: { 'X-Forwarded-For': VICTIM },
    expected: 'no request',
  },
  {
    name: 'load balancer and edge in one path, X-Forwarded-For stuffed on the left',
    from: FROM.loadBalancer,
    before: header(2, FROM.edge),
    headers: { 'X-Forwarded-For': `${VICTIM}, ${FROM.edge}, ${ATTACKER}` },
    expected: byHeader('x-forwarded-for'),
  },
]

/** The edge appends the attacker's address to what the attacker sent. */
const THROUGH_EDGE: Attack[] = Object.entries({
  'stuffed on the left': { 'X-Forwarded-For': `${VICTIM}, ${ATTACKER}` },
  'stuffed with trusted addresses': {
    'X-Forwarded-For': `${VICTIM}, ${FROM.edge}, ${FROM.cdn}, ${FROM.edge}, ${ATTACKER}`,
  },
  'stuffed with a thousand elements': {
    'X-Forwarded-For': `${`${VICTIM}, `.repeat(600)}${ATTACKER}`,
  },
  'stuffed with mapped forms of trusted addresses': {
    'X-Forwarded-For': `${VICTIM}, ::ffff:${FROM.edge}, [::ffff:7f00:3]:80, ${ATTACKER}`,
  },
  'stuffed with octal, hex and short forms': {
    'X-Forwarded-For': `${VICTIM}, 0177.0.0.3, 0x7f.0.0.3, 127.3, ${ATTACKER}`,
  },
  'stuffed with garbage and empty elements': {
    'X-Forwarded-For': `${VICTIM}, unknown, ,,"[;=, ${ATTACKER},  ,`,
  },
  'on a line of its own before the edge’s': { 'X-Forwarded-For': [VICTIM, ATTACKER] },
  'with a port': { 'X-Forwarded-For': `${VICTIM}:1, ${ATTACKER}:4711` },
  'with the attacker in mapped form': { 'X-Forwarded-For': `${VICTIM}, ::ffff:${ATTACKER}` },
  'beside Forwarded': {
    'X-Forwarded-For': ATTACKER,
    Forwarded: `for=${VICTIM}`,
  },
  'beside X-Real-IP and CF-Connecting-IP': {
    'X-Forwarded-For': ATTACKER,
    'X-Real-IP': VICTIM,
    'CF-Connecting-IP': VICTIM,
  },
  'beside its underscore twin': { 'X-Forwarded-For': ATTACKER, X_Forwarded_For: VICTIM },
  'named in Connection': {
    Connection: 'close, X-Forwarded-For',
    'X-Forwarded-For': `${VICTIM}, ${ATTACKER}`,
  },
}).map(([name, headers]) => ({
  name: `edge, X-Forwarded-For ${name}`,
  from: FROM.edge,
  headers,
  expected: byHeader('x-forwarded-for'),
}))

/** Where the entry that the trusted hop wrote names no address, nobody is named. */
const UNUSABLE: Attack[] = [
  {
    name: 'edge, X-Forwarded-For ends in an octal form of a trusted address',
    from: FROM.edge,
    headers: { 'X-Forwarded-For': `${VICTIM}, 0177.0.0.3` },
    expected: { undetermined: 'unidentified-node' },
  },
  {
    name: 'edge, X-Forwarded-For ends in unknown',
    from: FROM.edge,
    headers: { 'X-Forwarded-For': `${VICTIM}, unknown` },
    expected: { undetermined: 'unidentified-node' },
  },
  {
    name: 'edge, X-Forwarded-For ends in the unspecified address',
    from: FROM.edge,
    headers: { 'X-Forwarded-For': `${VICTIM}, 0.0.0.0` },
    expected: { undetermined: 'unspecified-address' },
  },
  {
    name: 'CDN, CF-Connecting-IP twice',
    from: FROM.cdn,
    headers: { 'CF-Connecting-IP': [VICTIM, ATTACKER] },
    expected: { undetermined: 'ambiguous-single-header' },
  },
  {
    name: 'CDN, CF-Connecting-IP with a list',
    from: FROM.cdn,
    headers: { 'CF-Connecting-IP': `${VICTIM}, ${ATTACKER}` },
    expected: { undetermined: 'ambiguous-single-header' },
  },
]

const THROUGH_FORWARDER: Attack[] = Object.entries({
  'stuffed on the left': `for=${VICTIM}, for=${ATTACKER}`,
  'poisoned with an open quote': `for="${VICTIM}, for=${ATTACKER}`,
  'poisoned with an open quote and a backslash': `for="${VICTIM}\\, for=${ATTACKER}`,
  'poisoned with an open quote around a trusted hop': `for=${VICTIM}, for="${FROM.forwarder}, for=${ATTACKER}`,
  'stuffed with a second for': `for=${VICTIM};for=${VICTIM}, for=${ATTACKER}`,
  'stuffed with parameters': `by=${VICTIM};host="a, for=${VICTIM}";proto=https, for=${ATTACKER};by=${VICTIM}`,
}).map(([name, forwarded]) => ({
  name: `forwarder, Forwarded ${name}`,
  from: FROM.forwarder,
  headers: { Forwarded: forwarded, 'X-Forwarded-For': VICTIM },
  expected: byHeader('forwarded'),
}))

const THROUGH_CDN: Attack[] = [
  {
    name: 'CDN, CF-Connecting-IP beside every other header',
    from: FROM.cdn,
    headers: {
      'CF-Connecting-IP': ATTACKER,
      cf_connecting_ip: VICTIM,
      'X-Forwarded-For': VICTIM,
      Forwarded: `for=${VICTIM}`,
      'True-Client-IP': VICTIM,
    },
    expected: byHeader('cf-connecting-ip'),
  },
  {
    name: 'CDN, CF-Connecting-IP missing, X-Forwarded-For forged',
    from: FROM.cdn,
    headers: { 'X-Forwarded-For': VICTIM },
    expected: { ip: FROM.cdn, source: 'socket', reason: 'header-missing' },
  },
]

export const ATTACKS: readonly Attack[] = [
  ...STRAIGHT,
  ...PROXY_BY_STRANGERS,
  ...PROXY_BY_EDGES,
  ...THROUGH_LOAD_BALANCER,
  ...THROUGH_EDGE,
  ...THROUGH_FORWARDER,
  ...THROUGH_CDN,
  ...UNUSABLE,
]
