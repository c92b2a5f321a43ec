import type { SingleAddressForm } from '@truehop/forwarded'
import { nearest } from '@truehop/options'
import { show } from './checks.js'
import { PolicyError } from './error.js'
import { EVIDENCE, KNOWN_EVIDENCE, knownForm } from './known-headers.js'
import type { AssertionKind } from './snapshot.js'

/** `token`, RFC 9110 section 5.6.2: what a header may be named. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/**
 * Headers that carry no client address and of which Node drops repeated lines, so that a second
 * line could not be noticed.
 */
const UNUSABLE_HEADERS = new Set(
  [
    'age authorization content-length content-type etag expires from host if-modified-since',
    'if-unmodified-since last-modified location max-forwards proxy-authorization referer',
    'retry-after server user-agent cookie set-cookie connection transfer-encoding upgrade',
    '__proto__ constructor',
  ].flatMap((line) => line.split(' ')),
)

export const FORMS: readonly SingleAddressForm[] = ['address', 'address:port']

/** The evidence that a rule names, in lower case: known, or marked as the user's own. */
export function compileAsserts(asserts: unknown, custom: unknown, path: string): string {
  if (typeof asserts !== 'string') {
    throw new PolicyError(
      'bad-asserts',
      path,
      `must be 'proxy-protocol', 'x-forwarded-for', 'forwarded' or another header's name, not ${show(asserts)}`,
    )
  }
  const name = asserts.toLowerCase()
  if (!HEADER_NAME.test(name)) {
    throw new PolicyError('bad-header', path, `${show(asserts)} is no header name (RFC 9110)`)
  }
  if (UNUSABLE_HEADERS.has(name)) {
    throw new PolicyError(
      'bad-header',
      path,
      `'${name}' carries no client address; write 'x-forwarded-for', 'forwarded', 'x-real-ip' or the header that the hop sets`,
    )
  }
  if (!KNOWN_EVIDENCE.includes(name)) checkUnknown(name, custom === true, path)
  return name
}

/**
 * A misspelt header would be a header of its own that no hop writes and every client can. So one
 * that is nearly a known one is refused even where it is marked as custom.
 */
function checkUnknown(name: string, isCustom: boolean, path: string): void {
  const meant = KNOWN_EVIDENCE.find((known) => isNear(name, known))
  const advice = meant ?? (isCustom ? undefined : nearest(name, KNOWN_EVIDENCE))
  if (advice !== undefined) {
    const otherwise = meant === undefined ? ', or custom: true beside it if it is meant' : ''
    throw new PolicyError(
      'bad-header',
      path,
      `'${name}' is nearly '${advice}', and would be a header of its own, with one address; write '${advice}'${otherwise}`,
    )
  }
  if (isCustom) return
  throw new PolicyError(
    'bad-header',
    path,
    `'${name}' is not a header that proxies are known to write; if your hop sets it, write custom: true beside it`,
  )
}

/** The same but for separators and a leading `x-`, or but for one letter. */
function isNear(name: string, known: string): boolean {
  const [a, b] = [bare(name), bare(known)]
  return a === b || (a.length > 6 && isOneEditApart(a, b))
}

function bare(name: string): string {
  return name.replace(/[-_.]/g, '').replace(/^x/, '')
}

/** Whether one letter changed, added or left out, or two neighbours swapped, makes `b` of `a`. */
function isOneEditApart(a: string, b: string): boolean {
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  const restA = a.slice(start)
  const restB = b.slice(start)
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA.slice(2) === restB.slice(2) && restA[0] === restB[1] && restA[1] === restB[0])
  )
}

export function kindOf(asserts: string): AssertionKind {
  return EVIDENCE.find((known) => known === asserts) ?? 'single'
}

/** `custom` only says something of a header that is not known. */
export function checkCustom(custom: unknown, path: string): void {
  if (custom === undefined || typeof custom === 'boolean') return
  throw new PolicyError('bad-header', path, `must be true or false, not ${show(custom)}`)
}

export function compileForm(form: unknown, asserts: string, path: string): SingleAddressForm {
  const known = knownForm(asserts)
  if (form === undefined) return known ?? 'address'
  const meant = FORMS.find((each) => each === form)
  if (meant === undefined) {
    const advice = `leave it out for '${known ?? 'address'}'`
    throw badForm(path, `must be 'address' or 'address:port', not ${show(form)}; ${advice}`)
  }
  if (kindOf(asserts) !== 'single') {
    throw badForm(path, `is for headers of one address; ${asserts} has a form of its own`)
  }
  if (known === undefined || known === meant) return meant
  throw badForm(path, `must be '${known}' for ${asserts}, which is always written so; leave it out`)
}

function badForm(path: string, message: string): PolicyError {
  return new PolicyError('bad-form', path, message)
}
