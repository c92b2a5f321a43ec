import type { Service } from '../../peers/harness/service.js'
import type { HeaderName } from './headers.js'
import type { Upstreams } from './upstreams.js'

/** A program of others: what it sends, what it reads, and what is known of it. One file each. */
export interface InteropPeer {
  /** As people write it. */
  readonly name: string
  /** In test/peers/peers.json, its own first. */
  readonly programs: readonly string[]
  /** Arguments that make it print its version. */
  readonly version: readonly string[]
  /** Of another Debian release than the suites run on: the short run does without. */
  readonly onlyIn?: 'long'
  /** What it sends to our receiver. */
  readonly sends?: Sends
  /** What it makes of our headers. */
  readonly receives?: Receives
  /** What it cannot do, and why no cell shows it. */
  readonly cannot?: readonly string[]
}

export interface Sends {
  /** Starts the program in front of our receivers. */
  start(to: Upstreams): Promise<Started>
  readonly cells: readonly SenderCell[]
  /** By setting and cell, what the specification and the program's documentation let one expect. */
  readonly expected: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** By setting and cell, where the program does something else. */
  readonly faults?: Readonly<Record<string, Readonly<Record<string, Fault>>>>
}

/** A program that runs, with the ports of its listeners by name. */
export interface Started extends Service {
  readonly ports: Readonly<Record<string, number>>
  /** Of one that listens on a socket of the file system. */
  readonly unix?: string
}

export interface SenderCell {
  /** The setting, as an operator writes it. */
  readonly setting: string
  /** Who asks, and what for. */
  readonly cell: string
  /** Has the program send; returns what our receiver saw, in one line. */
  ask(started: Started, to: Upstreams): Promise<string>
}

export interface Fault {
  /** What it does instead, in the words of the cell. */
  readonly does: string
  /** The setting to avoid or to choose. */
  readonly avoid: string
}

export interface Receives {
  /** Where it tells whom it takes for the client. */
  readonly shows: string
  start(around: { readonly echo: Upstreams }): Promise<Receiver>
  readonly listeners: readonly Listener[]
}

export interface Listener {
  /** The setting, as an operator writes it. */
  readonly setting: string
  /** Where `Receiver.ports` has its port. */
  readonly port: string
  readonly tls?: true
  /** HTTP unless it says otherwise. */
  readonly speaks?: 'smtp' | 'imap'
  /** Where it does not do what the specification says, header by header. */
  readonly faults: Readonly<Partial<Record<HeaderName, Fault>>>
}

export interface Receiver extends Started {
  /** Whom it named as the client in what it answered, or wrote to its log, about one connection. */
  named(answer: Answer): Promise<string | undefined>
  /** Before a connection: what its log says so far is about others. */
  skip?(): Promise<void>
}

/** What came back on one connection. */
export interface Answer {
  readonly text: string
}
