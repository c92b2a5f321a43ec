import { vi } from 'vitest'

/** Whom each consumer took for the client of one request. */
export interface Seen {
  readonly log: string | undefined
  readonly allowlist: string | undefined
  /** Only told where the limiter refused. */
  readonly limiter: string | undefined
}

/** Collects what the consumers of an application say, one request after the other. */
export class SeenByConsumers {
  #log: string | undefined
  #allowlist: string | undefined
  #limiter: string | undefined

  /** Where the logger writes its lines; those that are access records name the client. */
  readonly logStream = {
    write: (line: string): void => {
      const record: Readonly<Record<string, unknown>> = JSON.parse(line)
      if ('client.address' in record) this.#log = String(record['client.address'])
    },
  }

  decided(client: string): void {
    this.#allowlist = client
  }

  refused(client: string): void {
    this.#limiter = client
  }

  /** What was said since it was last asked. Waits, 10 s at most, for the record that ends a request. */
  async take(): Promise<Seen> {
    await vi.waitFor(
      () => {
        if (this.#log === undefined) throw new Error('no access record was written')
      },
      { timeout: 10_000, interval: 5 },
    )
    const seen = { log: this.#log, allowlist: this.#allowlist, limiter: this.#limiter }
    this.#log = this.#allowlist = this.#limiter = undefined
    return seen
  }
}
