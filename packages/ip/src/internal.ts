/**
 * What the packages of this project share behind their APIs. Not for programs: the only promise is
 * that packages of one major version work together.
 */

export * from '@truehop/options'
export { isUnicastIpv4 } from './address/address.js'
export { ipv4Text } from './address/address-text.js'
export { ipv4Before, parseIpv6 } from './address/parse-address.js'
export { brand } from './brand.js'
export { placedMessage } from './error/truehop-error.js'
export {
  type Instrument,
  type Metered,
  type MetricAttributes,
  type Metrics,
  type Reading,
  Tally,
  type Timing,
} from './metric.js'
export { correctedPrefix } from './prefix/corrected-prefix.js'
export { embeddedIpv4, TRANSLATION_LENGTHS } from './prefix/embedded-ipv4.js'
export {
  TRUNCATED_BITS,
  type TruncatedBits,
  truncatedAddress,
  withoutPorts,
} from './prefix/truncated-address.js'
export { printable, UNPRINTABLE } from './printable.js'
export type { PeerWithoutAddress } from './set/peer-set.js'
export { PrefixRows } from './set/prefix-rows.js'
export { atOnce, ENTRIES_PER_SLICE, type Slices } from './set/slices.js'
