import type { NodePlace } from '@truehop/forwarded'
import { Address, parseAddress } from '@truehop/ip'
import { hasNoAddress, type WalkNode } from './node.js'
import type { Position } from './position.js'
import { readEntryOf, readPeer } from './read-node.js'

/**
 * The nodes that a walk reached, the socket peer last.
 *
 * A walk keeps the rules by which it read, and not each node that it read: few callers ask for more
 * than the client. So the same entries are read again here, by the same rules, from the text that
 * the walk had; whom to trust is not decided again.
 *
 *     the walk    peer ──rule a──> node ──rule a──> node ──rule b──> client
 *     it keeps    peer,  rule a × 2,                     rule b × 1, client
 */
export function nodesOf(at: Position): WalkNode[] {
  const runs = at.runsInOrder()
  const [first] = runs
  if (first === undefined) return [at.node ?? peerOf(at)].filter((node) => node !== undefined)
  const nodes = new NodeList()
  if (hasNoAddress(at.peer)) nodes.all.push(at.peer)
  else readPeer(at, first.hop, nodes)
  for (const { hop } of runs) at.opened(hop)?.restart()
  for (const { hop, count } of runs) {
    const claims = at.opened(hop)
    for (let read = 0; read < count && claims?.hasUnread() === true; read++) {
      readEntryOf(hop, claims, nodes)
    }
  }
  return nodes.all.reverse()
}

/** A peer that no walk can begin at: nobody's address. */
function peerOf({ peer }: Position): WalkNode | undefined {
  return peer === undefined || hasNoAddress(peer) ? peer : parseAddress(peer)
}

class NodeList implements NodePlace {
  readonly all: WalkNode[] = []

  putIpv4(word: number): undefined {
    this.all.push(Address.ipv4(word))
  }

  put(address: Address): undefined {
    this.all.push(address)
  }
}
