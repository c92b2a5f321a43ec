import type { RelaySettings } from './target.js'

/** A connection or a request that was relayed. */
export interface Relayed {
  /** As the target is told. */
  readonly client: string
  readonly what: string
  readonly error?: string
}

/** What relaying one connection or request needs beside itself. */
export interface RelayContext {
  readonly settings: RelaySettings
  readonly onRelayed: (relayed: Relayed) => void
}
