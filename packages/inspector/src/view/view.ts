/**
 * What the server sends the page, as JSON. Every string in it that a client chose is cut to a
 * bounded length, and the page shows it as text only.
 */

/** The policy in force. */
export interface PolicyView {
  readonly version: number
  /** Milliseconds since 1970, as all moments here. */
  readonly since: number
  readonly maxHops: number
  readonly onConflict: 'ignore' | 'reject'
  /** What happens to direct connections; absent if no rule asserts `proxy-protocol`. */
  readonly proxyProtocol?: { readonly direct: string; readonly optional: boolean } | undefined
  readonly hops: readonly HopView[]
  /** As `truehop explain --questions` has them, rule by rule. */
  readonly answers: readonly AnswersView[]
  readonly findings: readonly FindingView[]
}

export interface HopView {
  readonly name: string
  readonly asserts: string
  readonly depth: number
  readonly required: boolean
  /** Fixed entries of `from` as written, at most 40. */
  readonly from: readonly string[]
  /** Fixed entries that are not shown. */
  readonly more: number
  /** Live ranges. */
  readonly ranges: readonly LiveRangesView[]
}

export interface AnswersView {
  readonly rule: string
  /** Which field is authoritative. */
  readonly field: string
  /** Who may assert it, at most 40. */
  readonly assertedBy: readonly string[]
  /** Those that are not shown. */
  readonly more: number
  /** Who consumes it. */
  readonly consumedBy: string
}

export interface LiveRangesView {
  readonly name: string
  /** Entries in force as written, at most 40; none if the ranges do not list them. */
  readonly from: readonly string[]
  readonly size: number
  readonly version?: string | undefined
  readonly updatedAt: number
  readonly stale: boolean
  readonly lastError?: string | undefined
}

export interface FindingView {
  readonly code: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly path: string
  readonly message: string
}

/** One walk, from the socket peer to the client. */
export interface WalkView {
  readonly peer?: string | undefined
  readonly peerPort?: number | undefined
  readonly steps: readonly StepView[]
  /** Steps that are not shown. */
  readonly omitted: number
  readonly outcome: OutcomeView
  readonly ignored: readonly IgnoredView[]
  readonly conflicts: readonly { readonly source: string; readonly claims: string }[]
}

export interface StepView {
  readonly node: string
  readonly port?: number | undefined
  readonly rule: string
  /** The entry of the rule's `from` that the node is in. */
  readonly trustedBy?: string | undefined
  readonly asserts: string
  readonly entry: string
  readonly next?: string | undefined
  readonly ends?: string | undefined
}

export interface OutcomeView {
  readonly status: 'resolved' | 'undetermined'
  readonly reason: string
  readonly source: string
  /** The client's address; absent if it is undetermined. */
  readonly client?: string | undefined
  readonly port?: number | undefined
  readonly rule?: string | undefined
}

export interface IgnoredView {
  readonly source: string
  readonly text: string
  readonly why: string
}

export interface DecisionView {
  readonly id: number
  /** Grows each time that more becomes known of it; ids and these are one sequence. */
  readonly changed: number
  readonly at: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly walk: WalkView
  /** What consumers decided, in order, at most 8. */
  readonly verdicts: readonly VerdictView[]
  /** Absent until the request has been answered, and where that cannot be seen. */
  readonly answer?: AnswerView | undefined
  /** To copy, and to try again; absent if addresses are masked or it is too long. */
  readonly evidence?: Trial | undefined
}

/** What one consumer decided about a request. */
export interface VerdictView {
  readonly by: 'allowlist' | 'rate-limit'
  readonly name: string
  readonly word: 'allowed' | 'denied' | 'would-deny' | 'limited' | 'would-limit'
  readonly reason: string
  /** The entry that decided, or the limits that are used up. */
  readonly what: readonly string[]
  /** Where the entry comes from. */
  readonly source?: string | undefined
}

/** How a request was answered. */
export interface AnswerView {
  /** Absent if nothing was sent. */
  readonly status?: number | undefined
  /** False if the connection closed before all of it was sent. */
  readonly complete: boolean
  /** Whole milliseconds from the decision on. */
  readonly ms: number
}

/** One replacement of the policy. */
export interface PolicyChangeView {
  /** The version that it made. */
  readonly version: number
  readonly at: number
  readonly removed: readonly string[]
  readonly added: readonly string[]
  /** Lines that are not shown. */
  readonly omitted: number
}

/** The inspector that serves the page. */
export interface InstanceView {
  /** Another one after each start. */
  readonly id: string
  /** The host's name and the process id. */
  readonly name: string
  readonly startedAt: number
}

export const ANOMALY_KINDS = [
  'undetermined',
  'untrusted-claim',
  'conflict',
  'chain-length',
  'difference',
  'refused',
] as const

export type AnomalyKind = (typeof ANOMALY_KINDS)[number]

export interface AnomalyView {
  readonly id: number
  readonly at: number
  readonly kind: AnomalyKind
  /** The reason of a refusal or of an undetermined identity; the evidence that is odd. */
  readonly what: string
  readonly peer?: string | undefined
  readonly detail?: string | undefined
}

/** The policy may not fit what is in front of the service. */
export interface CollapseView {
  readonly kind: 'one-for-many' | 'infrastructure' | 'header-stopped'
  /** When it was first seen, under the policy's current version, and when last. */
  readonly since: number
  readonly last: number
  readonly client?: string | undefined
  readonly rule?: string | undefined
  /** Figures of the decisions that were judged. */
  readonly seen: Readonly<Record<string, number>>
  /** The rule or platform to add. */
  readonly advice: string
}

/** What happened in one stretch of time. */
export interface BucketView {
  /** Its beginning. */
  readonly at: number
  readonly resolved: number
  /** Requests that an allowlist denied, and that a limit refused. */
  readonly denied: number
  readonly limited: number
  readonly anomalies: Readonly<Record<AnomalyKind, number>>
}

/** A client network, and where it stands in its nearest limit. */
export interface ClientView {
  readonly client: string
  readonly requests: number
  readonly refused: number
  readonly limit?: LimitView | undefined
}

export interface LimitView {
  readonly name: string
  readonly limit: number
  readonly remaining: number
  readonly resetsAt: number
}

/** One message of the stream: all of it first, then what is new. */
export interface Update {
  readonly now: number
  readonly instance: InstanceView
  /** How addresses are shown: `full`, `truncated`, `hmac`. */
  readonly address: string
  /** How many decisions, and anomalies of each kind, the server keeps; the page keeps as many. */
  readonly keep: number
  readonly bucketMs: number
  /** Decisions that were counted but not kept: there were too many a second. */
  readonly passedOver: number
  readonly policy?: PolicyView | undefined
  /** Newest first, at most 20; comes with the policy. */
  readonly history?: readonly PolicyChangeView[] | undefined
  /** All that are current. */
  readonly collapses: readonly CollapseView[]
  readonly decisions: readonly DecisionView[]
  readonly anomalies: readonly AnomalyView[]
  readonly activity: readonly BucketView[]
  readonly clients: readonly ClientView[]
}

/** `GET …/snapshot.json`: everything at one moment. Members may be added under the same number. */
export interface Snapshot extends Update {
  readonly snapshot: 1
  readonly policy: PolicyView
  readonly history: readonly PolicyChangeView[]
}

/** What `truehop inspect` was told by each of several instances. */
export interface Fleet {
  readonly fleet: 1
  /** When they were asked. */
  readonly at: number
  readonly members: readonly FleetMember[]
}

/** One instance, by the address under which it was asked. */
export type FleetMember =
  | { readonly url: string; readonly snapshot: Snapshot }
  | { readonly url: string; readonly problem: string }

/** What the form sends. */
export interface Trial {
  /** An address, or `unix`. */
  readonly peer: string
  /** PROXY headers: a text header a line, or hexadecimal. */
  readonly proxy: string
  /** Request headers, `Name: value` a line. */
  readonly headers: string
}

export type TrialField = keyof Trial

export type TrialResult =
  | { readonly walk: WalkView; readonly text: string }
  /** The connection never becomes a request. */
  | { readonly refused: { readonly reason: string; readonly message: string } }
  | { readonly problems: readonly { readonly field: TrialField; readonly message: string }[] }
