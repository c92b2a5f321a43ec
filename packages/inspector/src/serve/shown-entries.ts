import { createHmac, randomBytes } from 'node:crypto'

/** Entries that can be removed after they were shown: ten full answers. */
const MAX_SHOWN = 2000

interface Shown {
  readonly list: string
  readonly entry: string
}

/**
 * Entries that were shown masked, by names that say nothing about them: what is shown of two entries
 * may be the same, and nobody could say which of them is to be removed.
 */
export class ShownEntries {
  readonly #key = randomBytes(32)
  readonly #shown = new Map<string, Shown>()

  /** The name of an entry, the same each time in this process. */
  add(list: string, entry: string): string {
    const mac = createHmac('sha256', this.#key).update(JSON.stringify([list, entry]))
    const id = mac.digest('base64url').slice(0, 22)
    this.#shown.delete(id)
    this.#shown.set(id, { list, entry })
    const [oldest] = this.#shown.keys()
    if (this.#shown.size > MAX_SHOWN && oldest !== undefined) this.#shown.delete(oldest)
    return id
  }

  /** Undefined for one that was not shown, not lately, or of another list. */
  entry(list: string, id: string): string | undefined {
    const shown = this.#shown.get(id)
    return shown?.list === list ? shown.entry : undefined
  }
}
