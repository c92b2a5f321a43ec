import { parseAddress } from '@truehop/ip'
import { DATE_TIME, type Masked, type Masking, maskText, NO_TIME } from './masked.js'

const QUOTED = '"(?:[^"\\\\]|\\\\.)*"'

/** Host, identity and user, time, what stands as it came, and what a log adds at the end. */
const LINE = new RegExp(
  `^(\\S+) (\\S+ [^[]*)\\[([^\\]]*)\\] (${QUOTED} (?:\\d{3}|-) (?:\\d+|-)(?: ${QUOTED} ${QUOTED})?)(.*)$`,
)

export function isCombined(text: string): boolean {
  return LINE.test(text)
}

/** A line of the combined or common format; fields added at its end are masked like a header. */
export function maskCombined(text: string, masking: Masking): Masked {
  const [, host = '', user = '', time = '', asItCame = '', added = ''] = LINE.exec(text) ?? []
  const at = clfTime(time)
  if (at === undefined && masking.privacy.form === 'hmac') return { reason: NO_TIME }
  const shown = maskedHost(host, masking, at)
  if (shown === undefined) return { reason: 'has neither an address nor - in its first field' }
  const mask = (part: string): string => maskText(part, masking, at)
  const rest = masking.everywhere ? mask(asItCame) : asItCame
  const when = at === undefined && !DATE_TIME.test(time) ? mask(time) : time
  return { line: `${shown} ${mask(user)}[${when}] ${rest}${mask(added)}` }
}

/** What stands where a log has no address for the client. */
const NOBODY: ReadonlySet<string> = new Set(['-', 'unknown', 'unix', 'unix:'])

function maskedHost(
  host: string,
  { privacy }: Masking,
  at: number | undefined,
): string | undefined {
  const isToken = /^hmac-[\da-f]{32}$/.test(host)
  const address = parseAddress(host)
  if (NOBODY.has(host) || (isToken && privacy.form === 'hmac')) return host
  if (address === undefined && !isToken) return undefined
  if (privacy.form === 'none') return '-'
  return address === undefined ? undefined : privacy.show(address, at)
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const CLF = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/

/** `20/Nov/2025:18:58:03 +0000` in milliseconds since 1970. */
function clfTime(text: string): number | undefined {
  const [, day, name = '', year, clock, hours, minutes] = CLF.exec(text) ?? []
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, '0')
  const time = Date.parse(`${year}-${month}-${day}T${clock}${hours}:${minutes}`)
  return Number.isNaN(time) ? undefined : time
}
