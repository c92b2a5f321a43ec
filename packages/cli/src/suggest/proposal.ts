import type { HopRule, PlatformEntry } from '@truehop/identity'

/** A rule as a policy file writes it. */
export interface Rule extends HopRule {
  readonly name: string
  readonly from: readonly string[]
}

/** A platform as a policy file writes it. */
export interface NamedPlatform extends PlatformEntry {
  readonly from?: readonly string[]
}

/** An entry of a policy file. */
export type Entry = Rule | NamedPlatform

/** What a person knows, and no sample can show. */
export interface Answers {
  /** Id of the platform in front. */
  readonly platform?: string | undefined
  /** Addresses and prefixes of proxies that the person runs. */
  readonly own: readonly string[]
  /** Addresses that the person wrote into the headers of test requests. */
  readonly forged: readonly string[]
}

export const NO_ANSWERS: Answers = { own: [], forged: [] }

export const QUESTION_CODES = [
  /** Nothing was recorded but health checks, or nothing at all. */
  'no-requests',
  /** The records hold no headers: that none names a client says nothing. */
  'no-headers',
  /** No header is on every request of these peers. */
  'not-always',
  /** Every request names the same client: it may be the hop itself. */
  'one-client',
  /** All requests come from one public address. */
  'one-public-peer',
  /** A test request came through with its forged address. */
  'forgery-believed',
  /** The platform that was named does not fit the sample. */
  'platform-does-not-fit',
  /** Some requests come from the ranges of a platform, but most do not. */
  'few-from-platform',
  /** The walk ends at an address that may be a proxy of one's own. */
  'own-proxy',
  /** Whoever has one of these addresses can name any client. */
  'who-else',
  /** The hop has to write the header itself. */
  'writes-it',
  /** Requests come past the hop. */
  'past-the-hop',
  /** All customers of the platform have the same addresses. */
  'other-customers',
  /** The address is lost before it reaches the service. */
  'address-lost',
] as const

export type QuestionCode = (typeof QUESTION_CODES)[number]

/** Something that remains to be answered by a person. */
export interface Question {
  readonly code: QuestionCode
  readonly text: string
  /** What to do or to type. */
  readonly answer: string
  /** Without an answer no peer is trusted for what it is about. */
  readonly blocks: boolean
}

/** What one group of peers shows. */
export interface Finding {
  readonly entries: readonly Entry[]
  readonly reasons: readonly string[]
  readonly questions: readonly Question[]
}

/** How often peers of one kind send a header. */
export interface HeaderCount {
  readonly header: string
  readonly requests: number
}

export interface PeerReport {
  /** `private` and the range, `infrastructure` and the platform, `public`, … */
  readonly kind: string
  readonly range: string
  readonly peers: number
  /** Some of them, as examples. */
  readonly examples: readonly string[]
  readonly requests: number
  readonly probes: number
  readonly headers: readonly HeaderCount[]
}

/** A request that claimed more than was believed. */
export interface ForgedExample {
  readonly peer: string | undefined
  readonly client: string | undefined
  readonly ignored: readonly { readonly source: string; readonly text: string }[]
}

export interface ProposedPolicy {
  readonly hops: readonly Entry[]
  readonly proxyProtocol?: { readonly maxHeaders: number }
}

export interface Proposal {
  /**
   * `proposed`: a hop is trusted. `nobody`: clients connect directly, and no peer is. `open`: the
   * sample does not prove enough, and no peer is trusted before a question is answered.
   */
  readonly outcome: 'proposed' | 'nobody' | 'open'
  /** Options of `definePolicy`. */
  readonly policy: ProposedPolicy
  readonly reasons: readonly string[]
  readonly questions: readonly Question[]
  readonly peers: readonly PeerReport[]
  /** Addresses on the walks, by the platform that they are known to belong to. */
  readonly infrastructure: Readonly<Record<string, number>>
  readonly decisions: {
    readonly requests: number
    readonly clients: number
    readonly undetermined: number
    readonly most: readonly { readonly client: string; readonly requests: number }[]
    /** Where the walks ended, by reason. */
    readonly ends: Readonly<Record<string, number>>
  }
  readonly forged: {
    readonly requests: number
    readonly examples: readonly ForgedExample[]
  }
}
