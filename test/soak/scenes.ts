import { encode } from '@truehop/proxy-protocol'
import { pick, type Random } from '../fuzz/random.js'

/** Who connects, by address. */
export const FROM = {
  loadBalancer: '127.0.0.2',
  edge: '127.0.0.3',
  cdn: '127.0.0.5',
  stranger: '127.0.0.9',
} as const

/** The address that nobody may ever be seen as. */
export const VICTIM = '203.0.113.66'

/** One connection: what it begins with, what its requests say, and what has to come of it. */
export interface Scene {
  readonly name: string
  readonly from: string
  readonly before: Uint8Array
  readonly headers: string
  /** The client's address, 400, 403, or that no request is ever seen. */
  readonly expected: string | 400 | 403 | 'no request'
}

const NOTHING = new Uint8Array(0)

/** `client` is an address that no other connection of the run has. */
export function sceneFor(random: Random, client: string): Scene {
  return pick(random, MAKERS)(client, random)
}

type Maker = (client: string, random: Random) => Scene

const MAKERS: readonly Maker[] = [
  (client, random) => ({
    name: 'load balancer, forged headers behind it',
    from: FROM.loadBalancer,
    before: header(random(2) === 0 ? 1 : 2, client),
    headers: `X-Forwarded-For: ${VICTIM}\r\nCF-Connecting-IP: ${VICTIM}\r\n`,
    expected: client,
  }),
  (client) => ({
    name: 'load balancer and edge',
    from: FROM.loadBalancer,
    before: header(2, FROM.edge),
    headers: `X-Forwarded-For: ${VICTIM}, ${FROM.edge}, ${client}\r\n`,
    expected: client,
  }),
  (client) => ({
    name: 'edge whose list is followed',
    from: FROM.edge,
    before: NOTHING,
    headers: `X-Forwarded-For: ${VICTIM}\r\nX-Forwarded-For: ${client}\r\n`,
    expected: client,
  }),
  (client) => ({
    name: 'CDN',
    from: FROM.cdn,
    before: NOTHING,
    headers: `CF-Connecting-IP: ${client}\r\nX-Forwarded-For: ${VICTIM}\r\n`,
    expected: client,
  }),
  () => ({
    name: 'stranger with forged headers',
    from: FROM.stranger,
    before: NOTHING,
    headers: `X-Forwarded-For: ${VICTIM}\r\nCF-Connecting-IP: ${VICTIM}\r\nForwarded: for=${VICTIM}\r\n`,
    expected: FROM.stranger,
  }),
  (_, random) => ({
    name: 'edge that names nobody',
    from: FROM.edge,
    before: NOTHING,
    headers: `X-Forwarded-For: ${VICTIM}, ${pick(random, ['unknown', '_x', '0.0.0.0', '127.1'])}\r\n`,
    expected: 400,
  }),
  (_, random) => ({
    name: 'client on the deny list that is followed',
    from: FROM.loadBalancer,
    before: header(2, `192.0.2.${random(256)}`),
    headers: '',
    expected: 403,
  }),
  () => ({
    name: 'load balancer without its header',
    from: FROM.loadBalancer,
    before: NOTHING,
    headers: `X-Forwarded-For: ${VICTIM}\r\n`,
    expected: 'no request',
  }),
  (_, random) => ({
    name: 'stranger with a PROXY header',
    from: FROM.stranger,
    before: header(random(2) === 0 ? 1 : 2, VICTIM),
    headers: '',
    expected: 'no request',
  }),
  (_, random) => ({
    name: 'load balancer with a broken header',
    from: FROM.loadBalancer,
    before: broken(random),
    headers: '',
    expected: 'no request',
  }),
]

function header(version: 1 | 2, address: string): Buffer {
  const source = { address, port: 4711 }
  const destination = { address: '192.0.2.1', port: 443 }
  const endpoints = { family: 'INET', transport: 'STREAM', source, destination } as const
  return encode({ version, command: 'PROXY', ...endpoints, tlvs: [] })
}

/** The signature stands, and something in the twelve bytes that decide is wrong. */
function broken(random: Random): Buffer {
  const bytes = header(2, VICTIM)
  bytes[12] = pick(random, [0x31, 0x22, 0x00, 0xff])
  return bytes
}
