import type { Random } from './random.js'

/** Something that takes any input, and what must hold for it. */
export interface Target<Input> {
  readonly name: string
  /** Where mutations start from; inputs that show something new are added while it runs. */
  readonly seeds: readonly Input[]
  /** Another input, made of one or several others. */
  mutate(random: Random, seeds: readonly Input[]): Input
  /**
   * Throws where something does not hold. What it returns says what the code under test did: an
   * input for which that is new is kept and changed further.
   */
  check(input: Input, random: Random): string | Promise<string>
  /** What any bytes say as an input: for fuzzers that make bytes. */
  fromBytes(bytes: Uint8Array): Input
  /** The bytes that say an input, where there are some: what such a fuzzer begins with. */
  toBytes(input: Input): Uint8Array
  /** For messages and for the corpus. */
  toText(input: Input): string
}
