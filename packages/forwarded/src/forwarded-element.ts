import { trimLeft } from './white-space.js'

/**
 * The parameters of one element that RFC 7239 section 5 names, unquoted. Values are as written:
 * a `host` or `proto` is a claim of the hop that wrote the element, not checked yet.
 */
export interface ForwardedElement {
  for?: string | undefined
  by?: string | undefined
  host?: string | undefined
  proto?: string | undefined
}

const EQUALS = 0x3d
const SEMICOLON = 0x3b
const QUOTE = 0x22
const BACKSLASH = 0x5c
const TAB = 0x09
const SPACE = 0x20
const DELETE = 0x7f

/**
 * Parses `[ forwarded-pair ] *( ";" [ forwarded-pair ] )` of RFC 7239 section 4, and white space
 * around the semicolons, which the RFC does not allow but common senders write.
 *
 * Returns undefined for anything else: a parameter that occurs twice, an empty or unquoted value
 * that is not a token, white space around `=`, a quote that does not close, a control
 * character between quotes.
 */
export function parseForwardedElement(
  text: string,
  start: number,
  end: number,
): ForwardedElement | undefined {
  const element: ForwardedElement = {}
  const extensions = new Extensions()
  let i = start
  while (i < end) {
    i = trimLeft(text, i, end)
    if (i < end && text.charCodeAt(i) !== SEMICOLON) {
      const name = tokenEnd(text, i, end)
      if (name === i || text.charCodeAt(name) !== EQUALS || name >= end) return undefined
      const value = valueEnd(text, name + 1, end)
      if (value === -1) return undefined
      const pair = unquote(text, name + 1, value)
      if (!add(element, extensions, text.slice(i, name).toLowerCase(), pair)) return undefined
      i = trimLeft(text, value, end)
    }
    if (i < end && text.charCodeAt(i) !== SEMICOLON) return undefined
    i++
  }
  return element
}

/** Names of extension parameters (RFC 7239 section 5.5), kept only to find one that occurs twice. */
class Extensions {
  #names: Set<string> | undefined

  add(name: string): boolean {
    this.#names ??= new Set()
    const fresh = !this.#names.has(name)
    this.#names.add(name)
    return fresh
  }
}

/** False if the parameter is there already. */
function add(
  element: ForwardedElement,
  extensions: Extensions,
  name: string,
  value: string,
): boolean {
  if (name !== 'for' && name !== 'by' && name !== 'host' && name !== 'proto') {
    return extensions.add(name)
  }
  if (element[name] !== undefined) return false
  element[name] = value
  return true
}

/** The end of a token or quoted-string that starts at `start`; -1 where there is neither. */
function valueEnd(text: string, start: number, end: number): number {
  if (start >= end || text.charCodeAt(start) !== QUOTE) {
    const token = tokenEnd(text, start, end)
    return token === start ? -1 : token
  }
  for (let i = start + 1; i < end; i++) {
    let code = text.charCodeAt(i)
    if (code === QUOTE) return i + 1
    if (code === BACKSLASH) code = text.charCodeAt(++i)
    if (isControl(code)) return -1
  }
  return -1
}

/** What neither `qdtext` nor a `quoted-pair` may contain, RFC 9110 section 5.6.4. */
function isControl(code: number): boolean {
  return (code < SPACE && code !== TAB) || code === DELETE
}

function unquote(text: string, start: number, end: number): string {
  if (text.charCodeAt(start) !== QUOTE) return text.slice(start, end)
  return text.slice(start + 1, end - 1).replace(/\\(.)/gs, '$1')
}

function tokenEnd(text: string, start: number, end: number): number {
  let i = start
  while (i < end && isTokenChar(text.charCodeAt(i))) i++
  return i
}

/** `tchar`, RFC 9110 section 5.6.2. */
function isTokenChar(code: number): boolean {
  return code < 128 && TOKEN_CHARS[code] === 1
}

const TOKEN_CHARS = Uint8Array.from({ length: 128 }, (_, code) =>
  /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(code)) ? 1 : 0,
)
