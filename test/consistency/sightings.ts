import { vi } from 'vitest'

/** Whom everybody who asks for the client of one request got. */
export interface Sighting {
  /** `client.address` of the access record. */
  readonly record: unknown
  /** `client` of the allowlist's decision record. */
  readonly allowlist: unknown
  /** The key under which the limiter counts. */
  readonly limiter: unknown
  /** `request.ip`. */
  readonly ip: unknown
  /** `request.clientIp`. */
  readonly clientIp: unknown
  /** `client.address` of the request's span. */
  readonly span: unknown
}

export type Observer = keyof Sighting

const OBSERVERS = ['record', 'allowlist', 'limiter', 'ip', 'clientIp', 'span'] as const

/** Collects, by the path of each request, what the observers say, each of them once. */
export class Sightings {
  readonly #byPath = new Map<string, Partial<Record<Observer, unknown>>>()

  note(path: string, observer: Observer, client: unknown): void {
    const seen = this.#byPath.get(path) ?? {}
    this.#byPath.set(path, seen)
    seen[observer] = observer in seen ? `${seen[observer]}, then ${client}` : client
  }

  /** Where the application's logger writes; access records among the lines are noted. */
  readonly logStream = {
    write: (line: string): void => {
      const record: Readonly<Record<string, unknown>> = JSON.parse(line)
      if (record['msg'] !== 'access') return
      this.note(String(record['url.path']), 'record', record['client.address'])
    },
  }

  /** What was said of a request. Waits, 10 s at most, for those who speak after its answer. */
  async take(path: string): Promise<Partial<Sighting>> {
    await vi
      .waitUntil(() => this.#isComplete(path), { timeout: 10_000, interval: 1 })
      // What is missing is seen by whoever compares.
      .catch(() => {})
    const seen = this.#byPath.get(path) ?? {}
    this.#byPath.delete(path)
    return seen
  }

  #isComplete(path: string): boolean {
    const seen = this.#byPath.get(path) ?? {}
    return OBSERVERS.every((observer) => observer in seen)
  }
}

/** The sighting of a request about whose client all agree. */
export function agreed(client: string, key: string): Sighting {
  return {
    record: client,
    allowlist: client,
    limiter: key,
    ip: client,
    clientIp: client,
    span: client,
  }
}
