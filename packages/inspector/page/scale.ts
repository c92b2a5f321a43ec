/** Where a plot ends above that has nothing, or one alone, to show: one alone is no peak. */
const LEAST = 4

/** The least of 4, 10, 20, 40, 100, 200, … that `highest` fits below: its half is whole, too. */
export function topOf(highest: number): number {
  for (let power = 1; ; power *= 10) {
    const top = [LEAST * power, 10 * power, 20 * power].find((value) => value >= highest)
    if (top !== undefined) return top
  }
}

/** `40K`: short, for the side of a plot. */
export function shortCount(count: number): string {
  return count.toLocaleString('en', { notation: 'compact' })
}
