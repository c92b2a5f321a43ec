import { Prefix, parseAddress } from '@truehop/ip'

/** Peers of one network that are named each; more are taken for a network of which some were seen. */
const FEW = 2

/**
 * Entries of a `from` for peers that were seen: each by its address while they are few, else the
 * smallest of their /24 (IPv6: /64), their /16 (/48) and `range` that does not take more than a few
 * entries. Proxies of a platform come and go, and those that were not seen would be taken for
 * clients.
 */
export function cover(peers: Iterable<string>, range: string): readonly string[] {
  const all = [...new Set(peers)].sort()
  if (range === 'loopback' || range === 'linklocal' || range === 'unix' || range === 'event') {
    return [range]
  }
  if (all.length <= FEW) return all
  for (const [v4, v6] of [
    [24, 64],
    [16, 48],
  ] as const) {
    const networks = [...new Set(all.map((peer) => networkOf(peer, v4, v6)))]
    if (networks.length <= FEW) return networks
  }
  return range === 'own' ? all : [range]
}

function networkOf(peer: string, v4: number, v6: number): string {
  const address = parseAddress(peer)
  return address === undefined ? peer : Prefix.of(address, address.family === 4 ? v4 : v6).text
}
