import type { Quota } from './quota.js'
import { RateLimitError } from './rate-limit-error.js'

/**
 * What one store holds under each name. Limits of one name are one limit, whichever route or
 * process they stand in; two limits that differ would count each other's clients wrongly.
 */
export class SharedNames<Value> {
  readonly #held = new Map<string, { signature: string; value: Value }>()

  /** @throws {RateLimitError} `name-in-use` for another quota under the same name. */
  get(quota: Quota, make: () => Value): Value {
    const held = this.#held.get(quota.name)
    if (held === undefined) {
      const value = make()
      this.#held.set(quota.name, { signature: quota.signature, value })
      return value
    }
    if (held.signature === quota.signature) return held.value
    throw new RateLimitError(
      'name-in-use',
      'name',
      `${JSON.stringify(quota.name)} is ${held.signature} on this store already and cannot be ${quota.signature} too; give one of them another name`,
    )
  }
}
