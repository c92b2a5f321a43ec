import {
  type NodePlace,
  putAddress,
  putAddressText,
  type UnidentifiedNode,
} from '@truehop/forwarded'
import type { Address } from '@truehop/ip'
import type { Hop, PolicySnapshot } from '../policy/snapshot.js'
import type { Unmap } from '../policy/unmap.js'
import type { UndeterminedReason } from './identity.js'
import { type ClaimCursor, hasNoAddress, type NoNode } from './node.js'

/** Puts the socket peer into the place, under the address that the rules know it by. */
export function readPeer(
  { peer, peerPort }: { readonly peer: string | undefined; readonly peerPort: number | undefined },
  { unmap }: Pick<PolicySnapshot, 'unmap'>,
  place: NodePlace,
): UndeterminedReason | undefined {
  if (peer === undefined) return 'no-peer'
  if (hasNoAddress(peer)) return undefined
  const fault = putAddressText(peer, peerPort, translating(unmap, place))?.fault
  return fault === 'unidentified-node' ? 'no-peer' : fault
}

/**
 * Puts the node that the next entry names into the place, or returns what the entry says instead.
 * Entries before the `depth`-th unread one are skipped uninterpreted.
 */
export function readEntryOf(
  { depth, unmap }: Hop,
  claims: ClaimCursor,
  place: NodePlace,
): NoNode | undefined {
  for (let passed = 1; passed < depth; passed++) {
    claims.skip()
    if (!claims.hasUnread()) return TOO_SHORT
  }
  return claims.readInto(translating(unmap, place))
}

const TOO_SHORT: NoNode = { fault: 'chain-too-short' }

/** A place that takes translated addresses back to IPv4. */
function translating(unmap: Unmap | undefined, place: NodePlace): NodePlace {
  return unmap === undefined ? place : new Translating(unmap, place)
}

class Translating implements NodePlace {
  readonly #unmap: Unmap
  readonly #place: NodePlace

  constructor(unmap: Unmap, place: NodePlace) {
    this.#unmap = unmap
    this.#place = place
  }

  putIpv4(word: number, port: number | undefined): UnidentifiedNode | undefined {
    return this.#place.putIpv4(word, port)
  }

  put(address: Address, port: number | undefined): UnidentifiedNode | undefined {
    return putAddress(this.#unmap(address), port, this.#place)
  }
}
