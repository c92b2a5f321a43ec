/** `GET …/actions`: what operators may do here, and the token that each action needs. */
export interface ActionsView {
  readonly token: string
  /** Names of limits to look at, reset and block clients in. */
  readonly limits: readonly string[]
  /** Names of lists to show, add to and remove from. */
  readonly lists: readonly string[]
}

/** `POST …/actions`, with the token. */
export type ActionForm =
  | { readonly action: 'peek' | 'reset'; readonly target: string; readonly client: string }
  | {
      readonly action: 'block'
      readonly target: string
      readonly client: string
      readonly seconds: number
    }
  | {
      readonly action: 'reward'
      readonly target: string
      readonly client: string
      readonly units: number
    }
  | { readonly action: 'entries'; readonly target: string; readonly find: string }
  | {
      readonly action: 'add'
      readonly target: string
      readonly entry: string
      /** Seconds; absent for an entry that stays. */
      readonly ttl?: number | undefined
      readonly note: string
    }
  | { readonly action: 'remove'; readonly target: string; readonly entry: string }

/** In place of `entry`, where what is shown of it may be shown of others too. */
export interface RemoveShown {
  readonly action: 'remove'
  readonly target: string
  readonly id: string
}

export interface StandingView {
  readonly name: string
  readonly limit: number
  readonly remaining: number
  readonly seconds: number
  readonly exceeded: boolean
}

export interface EntryView {
  /** What removes it, where addresses are masked. */
  readonly id?: string | undefined
  readonly entry: string
  readonly by: string
  readonly note: string
  readonly added: number
  readonly expires?: number | undefined
}

/** What an action comes to. */
export type ActionDone =
  | { readonly standings: readonly StandingView[] }
  | {
      readonly entries: readonly EntryView[]
      /** Fewer than `size` where there are too many to look at each, or to show. */
      readonly lookedAt: number
      readonly size: number
      readonly stale: boolean
    }
  /** What became of a change of shared entries: `shared`, `local`, `absent`, `full`. */
  | { readonly change: string }

export type ActionResult =
  | { readonly status: 200; readonly result: ActionDone }
  | { readonly status: number; readonly problem: string }
