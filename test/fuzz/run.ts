import { randomFrom } from './random.js'
import type { Target } from './target.js'

export interface Limits {
  readonly seed: number
  /** Ends at whichever comes first. */
  readonly inputs: number
  readonly seconds: number
}

export interface Outcome {
  readonly inputs: number
  readonly seconds: number
  /** How often the code under test did what, by what `check` returns. */
  readonly kinds: ReadonlyMap<string, number>
  /** Inputs that showed something new, in the order they were found. */
  readonly found: readonly string[]
}

/** What a target does is told by a few words; more kinds than this are not told apart. */
const MAX_KINDS = 2000
const BATCH = 1000
/** Characters of an input that is changed further, at most: longer ones say little more, slowly. */
const MAX_SEED = 600

/** Feeds a target until a limit. Throws, naming the input, where something does not hold. */
export async function run<Input>(target: Target<Input>, limits: Limits): Promise<Outcome> {
  const random = randomFrom(limits.seed)
  const seeds = [...target.seeds]
  const kinds = new Map<string, number>()
  const found: string[] = []
  const started = performance.now()
  const elapsed = () => (performance.now() - started) / 1000
  let inputs = 0
  while (inputs < limits.inputs && elapsed() < limits.seconds) {
    for (let left = Math.min(BATCH, limits.inputs - inputs); left > 0; left--, inputs++) {
      // Every seed once as it stands, then changed.
      const seed = target.seeds[inputs]
      const input = seed === undefined ? target.mutate(random, seeds) : seed
      let kind: string
      try {
        const said = target.check(input, random)
        kind = typeof said === 'string' ? said : await said
      } catch (cause) {
        const text = JSON.stringify(target.toText(input))
        throw new Error(`${target.name}, seed ${limits.seed}, input ${inputs}: ${text}`, { cause })
      }
      const before = kinds.get(kind)
      if (before === undefined && kinds.size >= MAX_KINDS) continue
      kinds.set(kind, (before ?? 0) + 1)
      if (before !== undefined || seed !== undefined) continue
      const text = target.toText(input)
      found.push(text)
      if (text.length <= MAX_SEED) seeds.push(input)
    }
  }
  return { inputs, seconds: elapsed(), kinds, found }
}
