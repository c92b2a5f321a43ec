import type { Address } from '@truehop/ip'
import { parseAddress } from '@truehop/ip'

/**
 * Replaces every address in a text: `198.51.100.7, [2001:db8::1]:443` with each of them shown as
 * `show` shows it. Ports, brackets and everything else stay. What looks like an address and is
 * none (`010.0.0.1`, `2001:db8::1::2`) becomes `[redacted]`: it may be one that somebody else
 * would read.
 *
 * `keep` lets a prefix such as `203.0.113.0/24` pass that says no more than `show` does.
 */
export function replaceAddresses(
  text: string,
  show: (address: Address) => string,
  keep: (address: Address, length: number) => boolean,
): string {
  return text.replace(RUN, (run, offset: number) => {
    if (!run.includes('.') && !run.includes(':')) return run
    const address = parseAddress(run)
    if (address === undefined) return replaceInside(run, show)
    const length = lengthAfter(text, offset + run.length)
    return length !== undefined && keep(address, length) ? run : show(address)
  })
}

/** The characters of addresses; one run is looked at once, so that the time is linear. */
const RUN = /[\dA-Fa-f:.]+/g
const DOTTED = /\d+\.\d+\.\d+\.\d+/g
const REDACTED = '[redacted]'

/** A run that is no address as a whole: `198.51.100.7:443`, `1.2.3.4.`, `12:34:56`. */
function replaceInside(run: string, show: (address: Address) => string): string {
  const bare = run.replace(/^[:.]+|[:.]+$/g, '')
  const whole = bare === run ? undefined : parseAddress(bare)
  if (whole !== undefined) return run.replace(bare, show(whole))
  if (run.indexOf(':') !== run.lastIndexOf(':')) return REDACTED
  return run.replace(DOTTED, (dotted) => {
    const address = parseAddress(dotted)
    return address === undefined ? REDACTED : show(address)
  })
}

/** The prefix length in `…/24`, if that is what follows. */
function lengthAfter(text: string, at: number): number | undefined {
  if (text[at] !== '/') return undefined
  const digits = /^\d{1,3}(?!\d)/.exec(text.slice(at + 1, at + 5))
  return digits === null ? undefined : Number(digits[0])
}
