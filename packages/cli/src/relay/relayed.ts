import type { IncomingMessage } from 'node:http'
import { counted } from '../output/counted.js'
import type { RelaySettings } from './target.js'

/** A connection or a request that was relayed, or why it was not. */
export type Relayed = {
  /** As sent to the target. */
  readonly client: string
  readonly error?: string
} & (RelayedConnection | RelayedRequest | TurnedAway)

interface RelayedConnection {
  readonly kind: 'connection'
  /** To the target, including the PROXY header. */
  readonly bytesSent: number
  readonly bytesReceived: number
}

export interface RelayedRequest {
  readonly kind: 'request'
  readonly method: string
  readonly target: string
  /** The protocol that it asks for. */
  readonly upgrade?: string
  /** Of the answer; undefined if there was none. */
  readonly status?: number
}

interface TurnedAway {
  readonly kind: 'refused'
  /** What came, in words. */
  readonly spoken: string
}

/** What relaying one connection or request needs in addition. */
export interface RelayContext {
  readonly settings: RelaySettings
  readonly onRelayed: (relayed: Relayed) => void
}

/** A request before it is answered. */
export function relayedRequest({ method = 'GET', url = '/' }: IncomingMessage): RelayedRequest {
  return { kind: 'request', method, target: url }
}

/** What was relayed in words, without its error. */
export function relayedWords(relayed: Relayed): string {
  switch (relayed.kind) {
    case 'connection':
      return `connection, ${counted(relayed.bytesSent, 'byte')} sent, ${relayed.bytesReceived} received`
    case 'request': {
      const { method, target, upgrade, status } = relayed
      const asks = upgrade === undefined ? [] : ['upgrade', upgrade]
      return [method, target, ...asks, ...(status === undefined ? [] : [status])].join(' ')
    }
    case 'refused':
      return relayed.spoken
  }
}
