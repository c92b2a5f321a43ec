import type { Address } from './address.js'
import { parseAddress } from './parse-address.js'

/**
 * Replaces every address in a text, such as both in `198.51.100.7, [2001:db8::1]:443`, with what
 * `show` returns for it. Ports, brackets, prefix lengths and everything else stay. What looks like
 * an address but is not one (`010.0.0.1`, `2001:db8::1::2`) becomes `[redacted]`: another parser
 * might accept it.
 */
export function replaceAddresses(text: string, show: (address: Address) => string): string {
  return text.replace(RUN, (run) => {
    if (!run.includes('.') && !run.includes(':')) return run
    const address = parseAddress(run)
    return address === undefined ? replaceInside(run, show) : show(address)
  })
}

/**
 * The characters of addresses. Each run is scanned once, and no pattern starts in the middle of
 * what it repeats: otherwise a header of thousands of digits or dots would take quadratic time.
 */
const RUN = /[\dA-Fa-f:.]+/g
const DOTTED = /(?<!\d)\d+\.\d+\.\d+\.\d+/g
const ENDS = /^[:.]+|(?<![:.])[:.]+$/g
const REDACTED = '[redacted]'

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
