import type { Instrument, MetricAttributes, Reading } from '@truehop/ip/internal'

interface Sum {
  value: number
  readonly attributes: MetricAttributes
}

/**
 * One value for each instrument and set of attributes: of two observations with the same attributes
 * only the last would count. Gauges keep the highest value, everything else the sum.
 */
export class Sums {
  readonly #sums = new Map<Instrument, Map<string, Sum>>()

  add([of, value, attributes = {}]: Reading): void {
    const sums = this.#sums.get(of) ?? new Map<string, Sum>()
    this.#sums.set(of, sums)
    const key = JSON.stringify(attributes)
    const sum = sums.get(key)
    if (sum === undefined) sums.set(key, { value, attributes })
    else sum.value = of.kind === 'gauge' ? Math.max(sum.value, value) : sum.value + value
  }

  *entries(): Iterable<readonly [Instrument, Sum]> {
    for (const [of, sums] of this.#sums) for (const sum of sums.values()) yield [of, sum]
  }
}
