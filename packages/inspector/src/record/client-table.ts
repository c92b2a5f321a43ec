import type { ClientView, LimitView } from '../view/view.js'

/** Networks that are counted at the same time. */
const MAX_CLIENTS = 1024

interface Client {
  requests: number
  refused: number
  limit: LimitView | undefined
}

/** Where a client stands in one limit. */
export interface Standing {
  readonly quota: { readonly name: string; readonly limit: number }
  readonly remaining: number
  readonly msLeft: number
}

/**
 * The clients that ask most. Never more than a fixed number of them: if there is no room, all
 * counts are halved and clients that drop to zero make way, so that a flood of addresses that each
 * ask once cannot push out those that ask often.
 */
export class ClientTable {
  readonly #clients = new Map<string, Client>()

  get size(): number {
    return this.#clients.size
  }

  countRequest(client: string): void {
    this.#client(client).requests++
  }

  /** Takes back one that was counted. */
  uncountRequest(client: string): void {
    const held = this.#clients.get(client)
    if (held === undefined) return
    held.requests = Math.max(0, held.requests - 1)
    if (held.requests + held.refused === 0) this.#clients.delete(client)
  }

  /** What the limiter said: where the client stands in the limit that is closest to used up. */
  countDecision(
    client: string,
    allowed: boolean,
    standings: readonly Standing[],
    now: number,
  ): void {
    const held = this.#client(client)
    if (!allowed) held.refused++
    const [nearest] = [...standings].sort((a, b) => share(b) - share(a))
    if (nearest === undefined) return
    const { quota, remaining, msLeft } = nearest
    const { name, limit } = quota
    held.limit = { name, limit, remaining, resetsAt: now + msLeft }
  }

  /** Nearest to a limit first, then by requests. `shown` may show several clients alike. */
  top(count: number, now: number, shown: (client: string) => string): ClientView[] {
    const views = new Map<string, ClientView>()
    for (const [client, held] of this.#clients) {
      const text = shown(client)
      views.set(text, merge(views.get(text), viewOf(text, held, now)))
    }
    // A client that only the limiter knows asked for nothing but the inspector.
    return [...views.values()]
      .filter(({ requests, refused }) => requests + refused > 0)
      .sort((a, b) => used(b.limit) - used(a.limit) || b.requests - a.requests)
      .slice(0, count)
  }

  #client(client: string): Client {
    const held = this.#clients.get(client)
    if (held !== undefined) return held
    while (this.#clients.size >= MAX_CLIENTS) this.#halve()
    const made = { requests: 0, refused: 0, limit: undefined }
    this.#clients.set(client, made)
    return made
  }

  #halve(): void {
    for (const [client, held] of this.#clients) {
      held.requests = held.requests >> 1
      held.refused = held.refused >> 1
      if (held.requests + held.refused === 0) this.#clients.delete(client)
    }
  }
}

function share({ quota, remaining }: Standing): number {
  return 1 - remaining / quota.limit
}

function used(limit: LimitView | undefined): number {
  return limit === undefined ? 0 : 1 - limit.remaining / limit.limit
}

function viewOf(client: string, { requests, refused, limit }: Client, now: number): ClientView {
  const isOver = limit === undefined || limit.resetsAt <= now
  return { client, requests, refused, limit: isOver ? undefined : limit }
}

function merge(a: ClientView | undefined, b: ClientView): ClientView {
  if (a === undefined) return b
  return {
    client: b.client,
    requests: a.requests + b.requests,
    refused: a.refused + b.refused,
    limit: used(a.limit) > used(b.limit) ? a.limit : b.limit,
  }
}
