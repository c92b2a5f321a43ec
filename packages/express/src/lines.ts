import {
  type RawRequest,
  type UndeterminedIdentity,
  undeterminedFields,
} from '@truehop/identity/adapter'
import { FewLines, type RefusalLogger } from '@truehop/proxy-protocol/receive'
import { TruehopExpressError } from './error.js'

/** Lines in a minute for each reason. */
const PER_MINUTE = 6

const MESSAGE = 'client undetermined'

/** Tells of requests that are answered 400 because their client cannot be named. */
export class UndeterminedLog {
  readonly #logger: RefusalLogger
  readonly #lines: FewLines

  constructor(logger: RefusalLogger) {
    this.#logger = logger
    this.#lines = new FewLines(PER_MINUTE, (reason, suppressed) => {
      logger.warn(
        { event: 'identity.undetermined', reason, suppressed },
        `${suppressed} more requests of undetermined clients in the last minute (${reason})`,
      )
    })
  }

  write(request: RawRequest, identity: UndeterminedIdentity): void {
    this.#lines.write(identity.reason, () => {
      this.#logger.warn(undeterminedFields(request, identity), MESSAGE)
    })
  }
}

/** The message of a refused connection says all of its fields; this one says none. */
const CONSOLE: RefusalLogger = {
  warn: (fields, message) => {
    const { event: _, ...said } = fields as { readonly event?: unknown }
    const shown = message === MESSAGE ? ` ${JSON.stringify(said)}` : ''
    console.warn(`truehop: ${message}${shown}`)
  },
}

/** @throws {TruehopExpressError} for a logger that is none. */
export function checkLogger(logger: unknown): RefusalLogger {
  if (logger === undefined) return CONSOLE
  if (typeof (logger as Partial<RefusalLogger> | null)?.warn === 'function') {
    return logger as RefusalLogger
  }
  throw new TruehopExpressError(
    'bad-logger',
    'logger must have warn(fields, message), as pino has; leave it out for console.warn',
  )
}
