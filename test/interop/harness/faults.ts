import type { Fault } from './peer.js'

/** Faults that several programs have. */
export const UNCHECKED: Fault = {
  does: '192.0.2.7',
  avoid: 'does not check the checksum: a sender that adds one gains nothing',
}

export const REFUSES_UNKNOWN: Fault = {
  does: 'refused',
  avoid:
    'a sender that names no client, such as nginx on a Unix socket, is refused: send version 2, where it can say LOCAL',
}

export const REFUSES_UNSPEC: Fault = {
  does: 'refused',
  avoid: 'a sender that names no client has to say LOCAL',
}
