import { EncodeError } from './encode-error.js'
import type { HeaderInput } from './header-input.js'

const MEMBERS: ReadonlySet<string> = new Set([
  'version',
  'command',
  'family',
  'transport',
  'source',
  'destination',
  'tlvs',
] satisfies (keyof HeaderInput)[])

/**
 * What types would have caught: that the header and its parts are the objects they must be. A
 * program without types, or with a header read from JSON, learns here which part is not.
 */
export function checkShape(header: unknown): asserts header is HeaderInput {
  if (!isObject(header)) throw wrong('header', header, 'a header as decode() returns it')
  const unknown = Object.keys(header).find((name) => !MEMBERS.has(name))
  if (unknown !== undefined) throw unknownMember(unknown)
  for (const side of ['source', 'destination']) checkEndpoint(header, side)
  const tlvs = field(header, 'tlvs')
  if (tlvs === undefined) return
  if (!Array.isArray(tlvs)) throw wrong('tlvs', tlvs, 'an array of { type, value }')
  // By `entries`, which does not skip holes.
  for (const [at, tlv] of tlvs.entries()) {
    if (!isObject(tlv)) throw wrong(`tlvs[${at}]`, tlv, 'an object { type, value }')
  }
}

/** A misspelt part would be missing on the wire, and nobody would be told. */
function unknownMember(name: string): EncodeError {
  const message = `${JSON.stringify(name.slice(0, 40))} is not part of a header: write ${[...MEMBERS].join(', ')}`
  return new EncodeError('header-field', message, name)
}

function checkEndpoint(header: object, side: string): void {
  const end = field(header, side)
  if (end === undefined || isObject(end)) return
  throw wrong(side, end, 'an object { address, port } or { path }, or leave it out')
}

function field(of: object, name: string): unknown {
  return Reflect.get(of, name)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(path: string, value: unknown, write: string): EncodeError {
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeName(value)
  return new EncodeError('header-field', `${path} is ${got}: write ${write}`, path)
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
