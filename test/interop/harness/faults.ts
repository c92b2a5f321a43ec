import type { Fault } from './peer.js'

/** Faults that several programs have. */
export const UNCHECKED: Fault = {
  does: '192.0.2.7',
  avoid: 'does not look at the checksum: a sender that adds one gains nothing',
}

const CHECK_WITH_LOCAL =
  'HAProxy’s checks with `send-proxy` fail: write `send-proxy-v2`, whose checks are LOCAL'

export const REFUSES_UNKNOWN: Fault = { does: 'refused', avoid: CHECK_WITH_LOCAL }

export const REFUSES_UNSPEC: Fault = {
  does: 'refused',
  avoid: 'a proxy in front that listens on a Unix socket has to write LOCAL, or version 1',
}
