import type { SingleAddressForm } from '@truehop/forwarded'
import { choice, nearest, type Report, show } from '@truehop/options'
import { EVIDENCE, KNOWN_EVIDENCE, knownForm, LISTS } from './known-headers.js'
import type { AssertionKind } from './snapshot.js'

/** `token`, RFC 9110 section 5.6.2: what a header may be named. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/**
 * Headers that carry no client address, and whose repeated lines Node drops, so that a second line
 * would go unnoticed.
 */
export const UNUSABLE_HEADERS: readonly string[] = [
  'age authorization content-length content-type etag expires from host if-modified-since',
  'if-unmodified-since last-modified location max-forwards proxy-authorization referer',
  'retry-after server user-agent cookie set-cookie connection transfer-encoding upgrade',
  '__proto__ constructor',
].flatMap((line) => line.split(' '))

/**
 * The evidence that a rule names, in lower case. Whether it is known is checked together with
 * `custom`.
 */
export function readAsserts(asserts: unknown, path: string, report: Report): string {
  if (typeof asserts !== 'string') {
    const message = `must be 'proxy-protocol', 'x-forwarded-for', 'forwarded' or the name of another header, got ${show(asserts)}`
    report({ path, code: 'bad-asserts', message })
    return ''
  }
  const name = asserts.toLowerCase()
  const refuse = (message: string) => report({ path, code: 'bad-header', message })
  if (!HEADER_NAME.test(name)) {
    refuse(`must be the name of a header (RFC 9110), got ${show(asserts)}; ${EXAMPLES}`)
  } else if (UNUSABLE_HEADERS.includes(name)) {
    refuse(`must be a header that carries a client address, got '${name}'; ${EXAMPLES}`)
  }
  return name
}

const EXAMPLES = "write 'x-forwarded-for', 'forwarded', 'x-real-ip' or the header that the hop sets"

/**
 * A misspelt header would be a different header, which no hop writes and every client can. So one
 * that is nearly a known one is refused even if it is marked as custom.
 */
export function checkKnown(name: string, isCustom: boolean, path: string, report: Report): void {
  if (KNOWN_EVIDENCE.includes(name)) return
  const meant = KNOWN_EVIDENCE.find((known) => isNear(name, known))
  if (isCustom && meant === undefined) return
  const advice = meant ?? nearest(name, KNOWN_EVIDENCE)
  const otherwise = meant === undefined ? ', or add custom: true if it is meant' : ''
  const message =
    advice === undefined
      ? `${show(name)} is not a header that proxies are known to write; if your hop sets it, add custom: true`
      : `${show(name)} is nearly '${advice}', and would be a different header, with one address; write '${advice}'${otherwise}`
  const correction = meant === undefined ? undefined : { written: name, instead: meant }
  report({ path, code: 'bad-header', message, correction })
}

/** The same but for separators, marks and a leading `x-`, or but for one letter. */
function isNear(name: string, known: string): boolean {
  const [a, b] = [bare(name), bare(known)]
  return a === b || (a.length > 6 && isOneEditApart(a, b))
}

function bare(name: string): string {
  return name.replace(/[-_.!~]/g, '').replace(/^x/, '')
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

/** The form in which a single-address header is read; for other evidence it means nothing. */
export function formOf(
  form: SingleAddressForm | undefined,
  asserts: string,
  path: string,
  report: Report,
): SingleAddressForm {
  const known = knownForm(asserts)
  if (form === undefined) return known ?? 'address'
  const refuse = (message: string) => report({ path, code: 'bad-form', message })
  if (kindOf(asserts) !== 'single') {
    refuse(`is for single-address headers, and ${asserts} has its own form; leave it out`)
  } else if (known !== undefined && known !== form) {
    refuse(`must be '${known}' for ${asserts}, which is always written that way; leave it out`)
  }
  return form
}

/** The element that is the client, from the right; 0 if none is counted. */
export function depthOf(
  depth: number | undefined,
  asserts: string,
  path: string,
  report: Report,
): number {
  if (depth === undefined || LISTS.includes(asserts)) return depth ?? 0
  const message = `counts the elements of a list, and ${asserts} is not a list; use it with ${choice(LISTS.map(show))}, or leave it out`
  report({ path, code: 'bad-count', message })
  return 0
}
