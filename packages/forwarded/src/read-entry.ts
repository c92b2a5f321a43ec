import { Address } from '@truehop/ip'
import type { EntryCursor } from './entry-cursor.js'
import type { NodePlace, NodeReading } from './node.js'

/** Reads the next entry as a value of its own. Call `hasUnread()` first. */
export function readEntry(cursor: EntryCursor): NodeReading {
  const place = new ReadNode()
  return cursor.readInto(place) ?? place.reading
}

class ReadNode implements NodePlace {
  reading: NodeReading = { fault: 'unidentified-node' }

  putIpv4(word: number, port: number | undefined): undefined {
    this.put(Address.ipv4(word), port)
  }

  put(address: Address, port: number | undefined): undefined {
    this.reading = { address, port }
  }
}
