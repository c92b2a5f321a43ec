import { expect, test } from 'vitest'
import { Address, Prefix, PrefixSet } from '../src/index.js'

/** Marsaglia's xorshift: the same prefixes in every run. */
function randomWords(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** The bits of an address as a string of 0 and 1, after its family. */
function bitsOf(address: Address): string {
  const { family, w0, w1, w2, w3 } = address
  const words = family === 4 ? [w3] : [w0, w1, w2, w3]
  return `${family}:${words.map((word) => word.toString(2).padStart(32, '0')).join('')}`
}

/** The longest match by looking up every length of an address in a map of prefixes. */
function plainMatch(plain: ReadonlyMap<string, string>, address: Address): string | undefined {
  const bits = bitsOf(address)
  for (let end = bits.length; end >= 2; end--) {
    const entry = plain.get(bits.slice(0, end))
    if (entry !== undefined) return entry
  }
  return undefined
}

test('a million prefixes of both families match as a map of them does', () => {
  const next = randomWords(20_190_101)
  const randomAddress = () => {
    const ipv4 = next() % 2 === 0
    if (ipv4) return Address.ipv4(next())
    // Half of the IPv6 ones in one /32, as lists have it.
    const w0 = next() % 2 === 0 ? 0x20010db8 : 0x20000000 | (next() >>> 3)
    return Address.ipv6(w0, next(), next(), next())
  }
  const entries: string[] = []
  const plain = new Map<string, string>()
  for (let at = 0; at < 1_000_000; at++) {
    const address = randomAddress()
    const length =
      address.family === 4 ? 8 + (next() % 25) : 28 + (next() % (at % 100 === 0 ? 101 : 37))
    const { text } = Prefix.of(address, length)
    entries.push(text)
    const key = bitsOf(address).slice(0, 2 + length)
    if (!plain.has(key)) plain.set(key, text)
  }
  const set = PrefixSet.from(entries)
  expect(set.size).toBe(plain.size)

  const wrong: string[] = []
  let found = 0
  for (let at = 0; at < 10_000; at++) {
    const listed = entries[next() % entries.length]?.split('/')[0] ?? ''
    const address = at % 2 === 0 ? randomAddress() : set.match(listed)?.prefix.address
    if (address === undefined) throw new Error(`${listed} is listed and was not found`)
    const expected = plainMatch(plain, address)
    if (expected !== undefined) found++
    if (set.entryOf(address) !== expected) wrong.push(address.text)
  }
  expect(wrong).toEqual([])
  expect(found).toBeGreaterThan(5_000)
  expect(found).toBeLessThan(10_000)
})
