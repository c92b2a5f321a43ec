import type { ProblemMembers } from '@truehop/identity/adapter'
import type { Decision } from './decision.js'
import type { Geo } from './geo/geo.js'
import type { ListInput } from './prefix-list.js'

/** At least one of `allow` and `deny` must be given; an empty list is a list. */
export interface AllowlistOptions<Request = unknown> {
  /** Clients that are allowed; all others are denied. Absent: every client that is not denied. */
  readonly allow?: ListInput | undefined
  /** Clients that are denied, even if `allow` contains them. */
  readonly deny?: ListInput | undefined
  /** Where `{ country: 'DE' }` and `{ asn: 64500 }` in the lists are looked up: `await openGeo(…)`. */
  readonly geo?: Geo | undefined
  /** Shown in decisions, to tell several allowlists apart. Default `'default'`. */
  readonly name?: string | undefined
  /** `'report'` decides and publishes, but lets every client through. Default `'enforce'`. */
  readonly mode?: 'enforce' | 'report' | undefined
  /** Status of the refusal, 400 to 599. Default 403. */
  readonly status?: number | undefined
  /** Members of the problem details, or a string that is sent as `text/plain`. */
  readonly body?: ProblemMembers | string | undefined
  /** Entries that `add` may keep in each list, 1 to 1,000,000. Default 10,000. */
  readonly maxRuntimeEntries?: number | undefined
  /** Called for every decision that is not `allowed`, before the refusal; in mode `'report'` too. */
  readonly onRefused?: ((decision: Decision, request: Request) => void) | undefined
}

/** Whole lists, in place of those in force; a list that is left out stays. */
export interface Replacement {
  readonly allow?: ListInput | undefined
  readonly deny?: ListInput | undefined
}

/** How `add` keeps an entry. */
export interface EntryOptions {
  /** Seconds until the entry expires, up to ten years. Left out: it stays until it is removed. */
  readonly ttl?: number | undefined
  /** Shown in `runtimeEntries()`. */
  readonly note?: string | undefined
}
