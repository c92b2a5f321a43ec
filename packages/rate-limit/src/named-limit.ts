import type { Quota } from './quota.js'

/** A validated limit: its quotas, the client's own first, then the wider ones outwards. */
export interface NamedLimit<Request> {
  readonly quotas: readonly [Quota, ...Quota[]]
  readonly key: ((request: Request) => string | undefined) | undefined
  readonly cost: number | ((request: Request) => number)
  readonly skip: ((request: Request) => boolean) | undefined
}
