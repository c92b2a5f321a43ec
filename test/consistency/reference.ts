import {
  type ReferenceEvidence,
  type ReferenceRule,
  referenceWalk,
} from '../../packages/identity/test/reference-walk.js'
import type { Traffic, TrafficRequest } from './traffic.js'

/**
 * The reference knows IPv4 only. It gets other addresses in place of those of version 6: of a
 * range that nobody trusts, and of one that everybody trusts who trusts `2001:db8:ffff::/48`.
 */
const STAND_INS: ReadonlyMap<string, string> = new Map([
  ['2001:db8::7', '240.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '240.0.0.2'],
  ['64:ff9b::c633:6407', '240.0.0.3'],
  ['2002:c633:6407::1', '240.0.0.4'],
  ['2001:db8:ffff::1', '10.1.255.1'],
])
const ORIGINALS: ReadonlyMap<string, string> = new Map(
  [...STAND_INS].map(([original, standIn]) => [standIn, original]),
)

/** The client of a request, or `'undetermined'`. Works on what was claimed, not on what was sent. */
export function referenceClient(
  rules: readonly ReferenceRule[],
  maxHops: number,
  { from, proxyHeaders }: Traffic,
  { claims }: TrafficRequest,
): string {
  const evidence: ReferenceEvidence = {
    peer: from,
    proxyHeaders: proxyHeaders.map((claim) => (claim === null ? null : standIn(claim))),
    headers: {
      'x-forwarded-for': claims['x-forwarded-for'].map(standIn).join(),
      forwarded: claims.forwarded.map((claim) => `for=${standIn(claim)}`).join(),
      'x-real-ip': claims['x-real-ip'].map(standIn).join(),
    },
  }
  const version4 = rules.map((rule) => ({
    ...rule,
    from: rule.from.filter((prefix) => !prefix.includes(':')),
  }))
  const { client } = referenceWalk(version4, maxHops, evidence)
  return ORIGINALS.get(client) ?? client
}

function standIn(claim: string): string {
  return STAND_INS.get(claim) ?? claim
}
