import { FewLines } from './few-lines.js'
import type { Refusal } from './refusal.js'

/** The part of a logger that is needed: pino, Fastify's `log`, or anything of that shape. */
export interface RefusalLogger {
  warn(fields: object, message: string): void
}

export interface RefusalLogOptions {
  /** Most lines in a minute for each reason, 1 to 6000, default 6. */
  readonly perMinute?: number | undefined
}

/**
 * Makes an `onRefused` that logs at level `warn`, each reason a few times a minute and no more, so
 * that a port scan cannot fill the disk. What was left out is summed up in one line for each
 * reason at the end of the minute.
 *
 * Fields: `event` ('proxy_protocol.refused'), `reason`, `listener`, `peer`, `peerPort`, `localAddress`,
 * `localPort`, `firstBytes` (hexadecimal); in the summary `reason` and `suppressed`.
 *
 * @throws {RangeError} for a `perMinute` out of range.
 */
export function refusalLog(
  logger: RefusalLogger,
  options: RefusalLogOptions = {},
): (refusal: Refusal) => void {
  const { perMinute = 6 } = options
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > 6000) {
    throw new RangeError(`perMinute must be an integer from 1 to 6000, got ${perMinute}`)
  }
  const lines = new FewLines(perMinute, (reason, suppressed) => {
    const message = `${suppressed} more connections refused in the last minute (${reason})`
    logger.warn({ event: EVENT, reason, suppressed }, message)
  })
  return (refusal) =>
    lines.write(refusal.reason, () => logger.warn(fieldsOf(refusal), refusal.message))
}

const EVENT = 'proxy_protocol.refused'

function fieldsOf(refusal: Refusal): object {
  const { message: _, firstBytes, ...rest } = refusal
  return { event: EVENT, ...rest, firstBytes: Buffer.from(firstBytes).toString('hex') }
}
