import type { Refusal } from './refusal.js'

/** The part of a logger that is needed: pino, Fastify's `log`, or anything of that shape. */
export interface RefusalLogger {
  warn(fields: object, message: string): void
}

export interface RefusalLogOptions {
  /** Most lines in a minute for each reason, 1 to 6000, default 6. */
  readonly perMinute?: number
}

const MINUTE = 60_000

/** Lines written in the current minute for one reason, and those left out. */
interface Window {
  written: number
  suppressed: number
}

/**
 * Makes an `onRefused` that logs at level `warn`, each reason a few times a minute and no more, so
 * that a port scan cannot fill the disk. What was left out is summed up in one line for each
 * reason at the end of the minute.
 *
 * Fields: `event` ('proxy_protocol.refused'), `reason`, `peer`, `peerPort`, `localAddress`,
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
    throw new RangeError(`perMinute must be a whole number from 1 to 6000, not ${perMinute}`)
  }
  const windows = new Map<string, Window>()

  const sumUp = (): void => {
    for (const [reason, { suppressed }] of windows) {
      if (suppressed === 0) continue
      const message = `${suppressed} more connections refused in the last minute (${reason})`
      logger.warn({ event: EVENT, reason, suppressed }, message)
    }
    windows.clear()
  }

  return (refusal) => {
    if (windows.size === 0) setTimeout(sumUp, MINUTE).unref()
    const window = windows.get(refusal.reason) ?? { written: 0, suppressed: 0 }
    windows.set(refusal.reason, window)
    if (window.written >= perMinute) {
      window.suppressed++
      return
    }
    window.written++
    logger.warn(fieldsOf(refusal), refusal.message)
  }
}

const EVENT = 'proxy_protocol.refused'

function fieldsOf(refusal: Refusal): object {
  const { message: _, firstBytes, ...rest } = refusal
  return { event: EVENT, ...rest, firstBytes: Buffer.from(firstBytes).toString('hex') }
}
