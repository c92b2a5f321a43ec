/**
 * The slow, plain reference: addresses as big integers, text taken apart with `split`, prefixes
 * searched one after the other. Shares nothing with the code under test.
 */
export interface SlowAddress {
  readonly family: 4 | 6
  readonly value: bigint
}

export interface SlowPrefix extends SlowAddress {
  readonly length: number
}

const DECIMAL = /^(0|[1-9][0-9]{0,2})$/
const GROUP = /^[0-9a-fA-F]{1,4}$/
const ZONE = /^([A-Za-z0-9._~-]|%[0-9a-fA-F]{2})+$/
const MAPPED = 0xffffn

function slowIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  if (!parts.every((part) => DECIMAL.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n)
}

/** The groups between the colons, a dotted tail as two; undefined for anything else. */
function slowGroups(text: string, isLast: boolean): bigint[] | undefined {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    const dotted = isLast && at === parts.length - 1 ? slowIpv4(part) : undefined
    if (dotted !== undefined) groups.push(dotted >> 16n, dotted & 0xffffn)
    else if (GROUP.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}

function slowIpv6(text: string): bigint | undefined {
  const sides = text.split('::')
  if (sides.length > 2) return undefined
  const [head, tail] = sides.map((side, at) => slowGroups(side, at === sides.length - 1))
  if (head === undefined) return undefined
  if (sides.length === 1) return head.length === 8 ? join(head) : undefined
  if (tail === undefined || head.length + tail.length > 7) return undefined
  const zeros = Array<bigint>(8 - head.length - tail.length).fill(0n)
  return join([...head, ...zeros, ...tail])
}

function join(groups: readonly bigint[]): bigint {
  return groups.reduce((value, group) => value * 65536n + group, 0n)
}

export function slowParse(text: string): SlowAddress | undefined {
  const ipv4 = slowIpv4(text)
  if (ipv4 !== undefined) return { family: 4, value: ipv4 }
  const percent = text.indexOf('%')
  const zone = percent < 0 ? undefined : text.slice(percent + 1)
  if (zone !== undefined && (zone.length > 64 || !ZONE.test(zone))) return undefined
  const value = slowIpv6(percent < 0 ? text : text.slice(0, percent))
  if (value === undefined) return undefined
  if (value >> 32n === MAPPED) return { family: 4, value: value & 0xffffffffn }
  return { family: 6, value }
}

/** Canonical text by way of the serializer of WHATWG URL, which is that of RFC 5952. */
export function slowText({ family, value }: SlowAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
  const groups = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => (value >> shift) & 0xffffn)
  const full = groups.map((group) => group.toString(16)).join(':')
  return new URL(`http://[${full}]/`).hostname.slice(1, -1)
}

/** An entry that is known to be well-formed. */
export function slowPrefix(entry: string): SlowPrefix {
  const [text = '', written] = entry.split('/')
  const address = slowParse(text)
  if (address === undefined) throw new Error(`the reference cannot read ${entry}`)
  const bits = address.family === 4 ? 32 : 128
  const folded = address.family === 4 && text.includes(':') ? 96 : 0
  const length = written === undefined ? bits : Number(written) - folded
  return { ...address, length }
}

export function slowContains(prefix: SlowPrefix, address: SlowAddress): boolean {
  const rest = BigInt((prefix.family === 4 ? 32 : 128) - prefix.length)
  return prefix.family === address.family && prefix.value >> rest === address.value >> rest
}

/** Searches one entry after the other: the first of those with the longest prefix that contains the text. */
export function slowSearch(entries: readonly string[]): (text: string) => string | undefined {
  const prefixes = entries.map((entry) => ({ entry, ...slowPrefix(entry) }))
  return (text) => {
    const address = slowParse(text)
    if (address === undefined) return undefined
    let best: { entry: string; length: number } | undefined
    for (const prefix of prefixes) {
      if (!slowContains(prefix, address)) continue
      if (best === undefined || prefix.length > best.length) best = prefix
    }
    return best?.entry
  }
}

/** The first and last address of a prefix, and the two beyond them where the family has them. */
export function slowEdges(prefix: SlowPrefix): SlowAddress[] {
  const bits = BigInt(prefix.family === 4 ? 32 : 128)
  const rest = bits - BigInt(prefix.length)
  const first = (prefix.value >> rest) << rest
  const last = first + (1n << rest) - 1n
  return [first - 1n, first, last, last + 1n]
    .filter((value) => value >= 0n && value < 1n << bits)
    .map((value) => ({ family: prefix.family, value }))
}
