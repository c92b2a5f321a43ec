import { encode } from '@truehop/proxy-protocol'
import type { Cast } from './cast.js'

/** What a path must come to. */
export type Expected =
  | { readonly client: 'client' | 'relay'; readonly reason: string }
  | { readonly undetermined: string }
  | { readonly refused: string }

/** A way for a request to reach an application. */
export interface Path {
  /** In the request's target, to match what each consumer saw to the request. */
  readonly slug: string
  /** Lines for people. */
  readonly title: readonly string[]
  readonly from: 'client' | 'relay'
  /** Where the sender connects to. */
  readonly enter: 'app' | 'relayV1' | 'relayV2' | 'edge' | 'hidingEdge'
  /** `X-Forwarded-For` as the sender writes it. */
  readonly header?: (cast: Cast) => string
  /** A PROXY header that the sender writes itself. */
  readonly preamble?: Uint8Array
  /** What is claimed in a connection that no application gets to see. */
  readonly unseen?: string
  readonly expected: Expected
}

/** An address for documentation (RFC 5737): no host here has it. */
const FORGED = '203.0.113.99'

const LOCAL = encode({ version: 2, command: 'LOCAL', family: 'UNSPEC', transport: 'UNSPEC' })

const FORGED_PROXY = encode({
  version: 1,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: FORGED, port: 51_442 },
  destination: { address: '192.0.2.80', port: 80 },
})

/** Every way through the demonstration. */
export const PATHS: readonly Path[] = [
  {
    slug: 'direct',
    title: ['client'],
    from: 'client',
    enter: 'app',
    expected: { client: 'client', reason: 'peer-untrusted' },
  },
  {
    slug: 'direct-forged',
    title: ['client, forging'],
    from: 'client',
    enter: 'app',
    header: () => FORGED,
    expected: { client: 'client', reason: 'peer-untrusted' },
  },
  {
    slug: 'relay-v1',
    title: ['client → relay'],
    from: 'client',
    enter: 'relayV1',
    expected: { client: 'client', reason: 'first-untrusted' },
  },
  {
    slug: 'relay-v2',
    title: ['client → relay'],
    from: 'client',
    enter: 'relayV2',
    expected: { client: 'client', reason: 'first-untrusted' },
  },
  {
    slug: 'relay-forged',
    title: ['client, forging', '  → relay'],
    from: 'client',
    enter: 'relayV2',
    header: () => FORGED,
    expected: { client: 'client', reason: 'first-untrusted' },
  },
  {
    slug: 'edge',
    title: ['client → edge → relay'],
    from: 'client',
    enter: 'edge',
    expected: { client: 'client', reason: 'first-untrusted' },
  },
  {
    slug: 'edge-stuffed',
    title: ['client, forging', '  → edge → relay'],
    from: 'client',
    enter: 'edge',
    header: ({ edge }) => `${FORGED}, ${edge}`,
    expected: { client: 'client', reason: 'first-untrusted' },
  },
  {
    slug: 'edge-hiding',
    title: ['client → edge that', '  hides it → relay'],
    from: 'client',
    enter: 'hidingEdge',
    expected: { undetermined: 'unidentified-node' },
  },
  {
    slug: 'relay-check',
    title: ['relay, health check'],
    from: 'relay',
    enter: 'app',
    preamble: LOCAL,
    expected: { client: 'relay', reason: 'proxy-local' },
  },
  {
    slug: 'relay-silent',
    title: ['relay, no header'],
    from: 'relay',
    enter: 'app',
    unseen: 'nothing',
    expected: { refused: 'http-without-header' },
  },
  {
    slug: 'proxy-forged',
    title: ['client, forging'],
    from: 'client',
    enter: 'app',
    preamble: FORGED_PROXY,
    unseen: `✗ PROXY v1 ${FORGED}`,
    expected: { refused: 'not HTTP' },
  },
]
