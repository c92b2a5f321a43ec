/**
 * What a TLS handshake may wait for, and where the one who is waited for calls back: each
 * combination is a cell of the matrix, in which connections are interleaved.
 */
export const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
export const SERVERS = ['https', 'http2', 'tls'] as const

/** The callbacks of a TLS server that Node documents, and none. */
export const CALLBACKS = [
  'none',
  'newSession',
  'resumeSession',
  'SNICallback',
  'ALPNCallback',
  'OCSPRequest',
  'pskCallback',
] as const

/** Where a callback is answered. */
export const PLACES = [
  'the same tick',
  'a timer',
  'a batch of another connection',
  'a MessagePort',
] as const

export type Callback = (typeof CALLBACKS)[number]
export type Place = (typeof PLACES)[number]

export interface Cell {
  readonly version: (typeof VERSIONS)[number]
  readonly server: (typeof SERVERS)[number]
  readonly callback: Callback
  readonly place: Place
}

export const CELLS: readonly Cell[] = VERSIONS.flatMap((version) =>
  SERVERS.flatMap((server) =>
    CALLBACKS.flatMap((callback) => PLACES.map((place) => ({ version, server, callback, place }))),
  ),
)
