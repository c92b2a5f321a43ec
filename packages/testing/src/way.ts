import type { PolicySnapshot } from '@truehop/identity/portable'
import type { ConnectionEvidence } from '@truehop/proxy-protocol/evidence'
import type { ProxyHeader } from '@truehop/proxy-protocol/wire'

interface Endpoint {
  readonly address: string
  readonly port: number
}

/** How a request comes in: the connection it is on, and what the hop in front has added. */
export interface Way {
  readonly evidence: ConnectionEvidence
  readonly headers: Readonly<Record<string, string>>
}

type Hop = PolicySnapshot['hops'][number]

/** The client has connected directly; a receiver has looked, and no PROXY header came. */
export function directWay({ address, port }: Endpoint): Way {
  return { evidence: received(address, port, []), headers: {} }
}

/**
 * One hop in front, each of the policy's hops in turn, in each form that it may write; then none.
 */
export function* waysThrough(policy: PolicySnapshot, client: Endpoint): Generator<Way> {
  for (const hop of policy.hops) {
    const peer = addressIn(hop)
    if (peer === undefined) continue
    if (hop.kind === 'proxy-protocol') {
      yield { evidence: received(peer, 443, [proxyHeader(client)]), headers: {} }
      continue
    }
    for (const element of elements(hop, client)) {
      // Between the client and this hop are the hops that `depth` passes over.
      const inner = new Array<string>(Math.max(hop.depth, 1) - 1).fill(element)
      const text = [element, ...inner].join(', ')
      yield { evidence: received(peer, 443, []), headers: { [hop.asserts]: text } }
    }
  }
  yield directWay(client)
}

function received(
  peer: string,
  port: number,
  headers: readonly ProxyHeader[],
): ConnectionEvidence & { readonly received: true } {
  const peerPort = peer === 'unix' ? {} : { peerPort: port }
  return Object.freeze({ peer, ...peerPort, headers, received: true })
}

/** An address of each named range; documentation addresses (RFC 5737) where any will do. */
const NAMED: Readonly<Record<string, string>> = {
  any: '192.0.2.1',
  unix: 'unix',
  loopback: '127.0.0.1',
  linklocal: '169.254.0.1',
  uniquelocal: 'fd00::1',
  private: '10.0.0.1',
  cgnat: '100.64.0.1',
}

/** An address of the hop: the first of its first entry. */
function addressIn({ entries }: Hop): string | undefined {
  for (const entry of entries) {
    const text =
      typeof entry === 'string' ? entry : entry.entries?.()[Symbol.iterator]().next().value
    if (typeof text === 'string') return NAMED[text] ?? text.split('/')[0]
  }
  return undefined
}

function elements({ kind }: Hop, { address, port }: Endpoint): string[] {
  const bracketed = address.includes(':') ? `[${address}]` : address
  if (kind === 'forwarded') return [`for="${bracketed}"`]
  if (kind === 'x-forwarded-for') return [address]
  return [address, `${bracketed}:${port}`, `${address}:${port}`]
}

function proxyHeader(source: Endpoint): ProxyHeader {
  const isIpv6 = source.address.includes(':')
  return {
    version: 2,
    command: 'PROXY',
    family: isIpv6 ? 'INET6' : 'INET',
    transport: 'STREAM',
    source,
    destination: { address: isIpv6 ? '2001:db8::1' : '192.0.2.1', port: 443 },
    tlvs: [],
  }
}
