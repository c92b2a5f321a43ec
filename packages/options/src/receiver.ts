import { list } from './compound.js'
import { boolean, integer, oneOf, text } from './plain.js'

/**
 * How PROXY headers are received: one description for the receiver, which is called with these
 * options, and for the policy, which hands them on. `code` is that of the package which reads them.
 */
export function receiverFields(code: string) {
  return {
    direct: oneOf(['reject', 'accept'], {
      says: "What happens to peers that need not send a header: `'accept'` passes them to the server unread.",
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
      says: 'Maximum number of headers in a row on one connection.',
      least: 1,
      most: 16,
      default: 1,
      code,
    }),
    maxHeaderBytes: integer({
      says: 'Maximum length of one header.',
      least: 232,
      most: 65_551,
      unit: 'bytes',
      default: 4096,
      code,
    }),
    versions: list(oneOf([1, 2], { says: 'A version.', code }), {
      says: 'Versions that a header may have; a connection whose header has another version is refused.',
      least: 1,
      default: [1, 2],
      hint: 'write [2] for version 2 alone, or leave it out for both',
      code,
    }),
    crc32c: oneOf(['verify', 'ignore'], {
      says: "What happens to a connection whose CRC32C is wrong: `'verify'` refuses it.",
      default: 'verify',
      code,
    }),
    mixedFamilies: oneOf(['reject', 'accept'], {
      says: "What happens to a version 1 header whose two addresses differ in family, as nginx sometimes writes: `'accept'` takes its client.",
      default: 'reject',
      code,
      see: 'proxy-protocol.md#nginx',
    }),
    maxPending: integer({
      says: 'Maximum number of connections without a complete header.',
      least: 1,
      most: 1_000_000,
      default: 16_384,
      code,
    }),
    maxPendingPerPeer: integer({
      says: 'The same, per peer address.',
      least: 1,
      most: 1_000_000,
      defaultSays: 'half of `maxPending`',
      code,
    }),
    name: text({
      says: 'What counters, refusals, diagnostics messages and metrics call the server.',
      most: 64,
      defaultSays: 'none',
      see: 'proxy-protocol.md#counters-and-metrics',
      code,
    }),
  }
}

/** PROXY protocol, section 2: at least three seconds, so that a lost segment can be sent again. */
const LEAST_TIMEOUT = 3000

export function timeout(least: number, code: string) {
  return integer({
    says: 'From accepting a connection until its last header must be complete, however slowly the bytes arrive.',
    least,
    most: 600_000,
    unit: 'milliseconds',
    default: 5000,
    code,
  })
}
