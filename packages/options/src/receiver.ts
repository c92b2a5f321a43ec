import { boolean, integer, oneOf } from './plain.js'

/**
 * How PROXY headers are received: one description for the receiver, which is called with these
 * options, and for the policy, which hands them on. `code` is that of the package which reads them.
 */
export function receiverFields(code: string) {
  return {
    direct: oneOf(['reject', 'accept'], {
      says: "What becomes of peers that need not send a header: `'accept'` gives them to the server unread.",
      default: 'reject',
      code,
    }),
    optional: boolean({
      says: 'Peers that must send a header may leave it out.',
      default: false,
      code,
    }),
    timeout: timeout(LEAST_TIMEOUT, code),
    maxHeaders: integer({
      says: 'Headers in a row on one connection, at most.',
      least: 1,
      most: 16,
      default: 1,
      code,
    }),
    maxHeaderBytes: integer({
      says: 'Length of one header, at most.',
      least: 232,
      most: 65_551,
      unit: 'bytes',
      default: 4096,
      code,
    }),
    crc32c: oneOf(['verify', 'ignore'], {
      says: "What becomes of a connection whose CRC32C is wrong: `'verify'` refuses it.",
      default: 'verify',
      code,
    }),
    mixedFamilies: oneOf(['reject', 'accept'], {
      says: "What becomes of a header of version 1 whose two addresses differ in family, as nginx writes some: `'accept'` takes its client.",
      default: 'reject',
      code,
      see: 'proxy-protocol.md#nginx',
    }),
    maxPending: integer({
      says: 'Connections without a complete header, at most.',
      least: 1,
      most: 1_000_000,
      default: 16_384,
      code,
    }),
    maxPendingPerPeer: integer({
      says: 'The same for each peer address.',
      least: 1,
      most: 1_000_000,
      defaultSays: 'half of `maxPending`',
      code,
    }),
  }
}

/** PROXY protocol, section 2: at least three seconds, so that a lost segment can be sent again. */
const LEAST_TIMEOUT = 3000

export function timeout(least: number, code: string) {
  return integer({
    says: 'From the accept until the last header must be in, however the bytes trickle.',
    least,
    most: 600_000,
    unit: 'milliseconds',
    default: 5000,
    code,
  })
}
