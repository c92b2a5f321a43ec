import type { Socket } from 'node:net'
import type { Malformed } from '../wire/result.js'
import type { ConnectionEvidence } from './evidence.js'
import { openingOf } from './first-bytes.js'
import { messageOf } from './refusal-message.js'
import type { Ends, RefusalReason } from './refusal-reason.js'

export type { Ends, RefusalReason } from './refusal-reason.js'

/** One refused connection. */
export interface Refusal {
  readonly reason: RefusalReason
  /** For people: what happened and, if it is a misconfiguration, the setting that fixes it. */
  readonly message: string
  /** The `name` that the server was given. */
  readonly listener?: string | undefined
  readonly peer: string | 'unix' | undefined
  readonly peerPort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  /** A copy of the first bytes that were not accepted as a header, at most 32. */
  readonly firstBytes: Uint8Array
}

/** Longest excerpt of the peer's bytes in a refusal. */
const EXCERPT_BYTES = 32

/** The peer as it was when accepted, and our end; to be read while the socket is alive. */
export function endsOf(socket: Socket, accepted: ConnectionEvidence): Ends {
  const { localAddress, localPort } = socket
  return { peer: accepted.peer, peerPort: accepted.peerPort, localAddress, localPort }
}

export function refusal(
  reason: RefusalReason,
  ends: Ends,
  bytes: Uint8Array,
  detail?: string,
  listener?: string,
): Refusal {
  return {
    reason,
    message: messageOf(reason, ends, bytes, detail),
    ...(listener === undefined ? {} : { listener }),
    peer: ends.peer,
    ...(ends.peerPort === undefined ? {} : { peerPort: ends.peerPort }),
    ...(ends.localAddress === undefined ? {} : { localAddress: ends.localAddress }),
    ...(ends.localPort === undefined ? {} : { localPort: ends.localPort }),
    firstBytes: Uint8Array.from(bytes.subarray(0, EXCERPT_BYTES)),
  }
}

/** The reason for bytes that are not a PROXY header. */
export function absentReason(bytes: Uint8Array): RefusalReason {
  const opening = openingOf(bytes)
  if (opening === 'tls') return 'tls-without-header'
  return opening === 'http' ? 'http-without-header' : 'missing'
}

/** The reason for a header that the specification refuses. */
export function malformedReason(fault: Malformed): RefusalReason {
  return fault.code === 'crc_mismatch' ? 'checksum' : `malformed:${fault.code}`
}
