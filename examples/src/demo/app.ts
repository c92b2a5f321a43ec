import type { IncomingMessage } from 'node:http'
import {
  definePolicy,
  type Explanation,
  explain,
  formatExplanation,
  type Policy,
} from '@truehop/identity'
import { proxyEvidence } from '@truehop/proxy-protocol'
import type { Cast } from './cast.js'
import type { Sightings } from './sightings.js'

/** What the Fastify and the Express application have in common. */
export interface AppOptions {
  readonly listenAt: readonly string[]
  readonly policy: Policy
  /** Told what everybody saw. */
  readonly sightings: Sightings
}

/** Two hops: a relay that writes PROXY headers, and an edge that appends to X-Forwarded-For. */
export function demoPolicy({ relay, edge }: Cast): Policy {
  return definePolicy({
    hops: [
      { name: 'relay', from: [relay], asserts: 'proxy-protocol' },
      { name: 'edge', from: [edge], asserts: 'x-forwarded-for' },
    ],
    // Other peers may connect without a relay; their headers are not believed.
    proxyProtocol: { direct: 'accept' },
  })
}

/** Who may use the applications: everybody on this machine, and some for curl to pose as. */
export const ALLOW = ['loopback', '198.51.100.0/24', '2001:db8::/32']

/** The page that shows the clients live, to clients on this machine only. */
export const INSPECTOR = { prefix: '/_truehop', allow: ['loopback'] }

/** Requests a minute and client; here a client is one address, also of IPv6. */
export const LIMIT = { limit: 100, window: 60, ipv6Prefix: 128 }

/** The walk that led to a request's identity. */
export function explainRequest(policy: Policy, raw: IncomingMessage): Explanation {
  const { peer, peerPort, headers, received = false } = proxyEvidence(raw)
  const proxyHeaders = received ? headers : undefined
  return explain(policy, { peer, peerPort, headers: raw.headers, proxyHeaders, received })
}

/** The answer of both applications. */
export function answerText(clientIp: string, explanation: Explanation): string {
  return `You are ${clientIp}\n\n${formatExplanation(explanation)}\n`
}
