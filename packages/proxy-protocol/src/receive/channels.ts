import { channel } from 'node:diagnostics_channel'
import type { Server, Socket } from 'node:net'
import type { ConnectionEvidence } from './evidence.js'
import type { Refusal } from './refusal.js'

/** Published on `truehop.proxy_protocol.accepted`, before the server gets the socket. */
export interface AcceptedMessage {
  readonly server: Server
  /** The `name` that the server was given. */
  readonly listener?: string | undefined
  readonly socket: Socket
  readonly evidence: ConnectionEvidence
  /** Milliseconds from the accept until the last header was in. */
  readonly waited: number
  /** The payload starts with yet another PROXY header: `maxHeaders` may be too low. */
  readonly headerInPayload: boolean
}

/** Published on `truehop.proxy_protocol.refused`, one for each refused connection. */
export interface RefusedMessage {
  readonly server: Server
  readonly refusal: Refusal
}

/**
 * Channels of `node:diagnostics_channel`. Node reports whatever a subscriber throws as uncaught.
 */
export const ACCEPTED = channel('truehop.proxy_protocol.accepted')
export const REFUSED = channel('truehop.proxy_protocol.refused')
