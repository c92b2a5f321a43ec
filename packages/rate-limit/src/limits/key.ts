import { createHash } from 'node:crypto'
import type { ClientIdentity } from '@truehop/identity'
import { type Address, Prefix } from '@truehop/ip'
import { clientKey, type PrefixWidths } from './client-key.js'

/**
 * What units are counted under: a network of clients by the words of its address, or a string (an
 * account, an undetermined client) by a digest of it. Words are compared, not strings.
 */
export class Key {
  /** 4 and 6: the first address of the network. 0: 128 bits of a SHA-256 digest. */
  readonly kind: 0 | 4 | 6
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
  /** The network of many clients that this one is in: see `crowdOf`. */
  readonly crowd: number
  readonly text: string

  private constructor(
    kind: 0 | 4 | 6,
    words: readonly [number, number, number, number],
    crowd: number,
    text: string,
  ) {
    this.kind = kind
    this.w0 = words[0]
    this.w1 = words[1]
    this.w2 = words[2]
    this.w3 = words[3]
    this.crowd = crowd
    this.text = text
  }

  /** The client's network at the given widths; an undetermined client, by the last trusted hop. */
  static of(identity: ClientIdentity, widths: PrefixWidths): Key {
    if (identity.status === 'undetermined') return Key.ofText(clientKey(identity, widths), -1)
    return Key.ofAddress(identity.address, widths)
  }

  /** The network of an address at the given widths. */
  static ofAddress(address: Address, widths: PrefixWidths): Key {
    const isWhole = widthFor(address, widths) === (address.family === 4 ? 32 : 128)
    const prefix = isWhole ? undefined : Prefix.of(address, widthFor(address, widths))
    const { family, w0, w1, w2, w3 } = prefix?.address ?? address
    const words = [w0 | 0, w1 | 0, w2 | 0, w3 | 0] as const
    return new Key(family, words, crowdOfAddress(address), prefix?.text ?? address.text)
  }

  /** A text as a key, of a client in `crowd`. */
  static ofText(text: string, crowd: number): Key {
    const digest = createHash('sha256').update(text).digest()
    const word = (i: number) => digest.readInt32BE(4 * i)
    return new Key(0, [word(0), word(1), word(2), word(3)], crowd, text)
  }

  /** One that another process made: of `text` and `crowd`, and the words it sent. */
  static ofWords(kind: number, words: readonly number[], crowd: number, text: string): Key {
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words
    return new Key(
      kind === 4 || kind === 6 ? kind : 0,
      [w0 | 0, w1 | 0, w2 | 0, w3 | 0],
      crowd,
      text,
    )
  }
}

/**
 * The network a client shares a bucket with when a table of keys is nearly full: IPv4 /16 as 0 to
 * 2^16 - 1, IPv6 /32 above that, -1 for undetermined clients.
 */
export function crowdOf(identity: ClientIdentity): number {
  return identity.status === 'undetermined' ? -1 : crowdOfAddress(identity.address)
}

export function crowdOfAddress({ family, w0, w3 }: Address): number {
  return family === 4 ? w3 >>> 16 : 0x1_0000 + w0
}

function widthFor({ family }: Address, { ipv4Prefix, ipv6Prefix }: PrefixWidths): number {
  return family === 4 ? ipv4Prefix : ipv6Prefix
}
