import type { Address } from './address.js'
import { parseAddress } from './parse-address.js'

/**
 * Replaces every address in a text, such as both in `198.51.100.7, [2001:db8::1]:443`, with what
 * `show` returns for it, also where its colons or dots are percent-encoded. Ports, brackets, prefix
 * lengths and everything else stay. What looks like an address but is not one (`010.0.0.1`,
 * `2001:db8::1::2`) becomes `[redacted]`: another parser might accept it. So does the address in a
 * host name that is made of it (`198-51-100-7.isp.example`, `7.100.51.198.in-addr.arpa`).
 */
export function replaceAddresses(text: string, show: (address: Address) => string): string {
  const named = text.includes('-') ? text.replace(DASHED, withoutDashed) : text
  return named.replace(RUN, (run, offset: number) => {
    const plain = run.includes('%') ? run.replace(ENCODED, decoded) : run
    if (!plain.includes('.') && !plain.includes(':')) return run
    if (isReverse(named, offset + run.length)) return `${REDACTED}.`
    const address = parseAddress(plain)
    const shown = address === undefined ? replaceInside(plain, show) : show(address)
    return shown === plain ? run : shown
  })
}

/**
 * The characters of addresses; an escape of another character is not part of one. Each run is
 * scanned once, and no pattern starts in the middle of what it repeats: otherwise a header of
 * thousands of digits or dots would take quadratic time.
 */
const RUN = /%(?:25)*(?!25|3[Aa]|2[Ee])[\dA-Fa-f]{2}|(?:[\dA-Fa-f:.]|%(?:25)*(?:3[Aa]|2[Ee]))+/g
/** A colon or a dot in a query, and in a query in a query. */
const ENCODED = /%(?:25)*(?:3([Aa])|2[Ee])/g
const DOTTED = /(?<!\d)\d+\.\d+\.\d+\.\d+/g
const ENDS = /^[:.]+|(?<![:.])[:.]+$/g
const REDACTED = '[redacted]'

function decoded(_: string, colon: string | undefined): string {
  return colon === undefined ? '.' : ':'
}

/** RFC 1035 section 3.5 and RFC 3596 section 2.5. */
const REVERSE = /^(?:in-addr|ip6)\.arpa/i

function isReverse(text: string, from: number): boolean {
  return text[from - 1] === '.' && REVERSE.test(text.slice(from, from + 12))
}

/** How providers name the hosts of their customers. */
const DASHED = /(?<!\d)\d+(?:-\d+){3,}/g
const DATE = /^(?:19|20)\d\d-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])-/

function withoutDashed(run: string): string {
  if (DATE.test(run)) return run
  const parts = run.split('-').map((part) => part.length <= 3 && Number(part) <= 255)
  const isAddress = parts.some(
    (_, i) => i + 4 <= parts.length && parts.slice(i, i + 4).every(Boolean),
  )
  return isAddress ? REDACTED : run
}

/** A run that is not an address as a whole: `198.51.100.7:443`, `1.2.3.4.`, `12:34:56`. */
function replaceInside(run: string, show: (address: Address) => string): string {
  const bare = run.replace(ENDS, '')
  const whole = bare === run ? undefined : parseAddress(bare)
  if (whole !== undefined) return run.replace(bare, show(whole))
  if (run.indexOf(':') !== run.lastIndexOf(':')) return REDACTED
  return run.replace(DOTTED, (dotted) => {
    const address = parseAddress(dotted)
    return address === undefined ? REDACTED : show(address)
  })
}
