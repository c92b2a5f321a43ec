import {
  type RawRequest,
  type UndeterminedIdentity,
  undeterminedFields,
} from '@truehop/identity/adapter'
import { instance, readOptions } from '@truehop/options'
import { FewLines, type RefusalLogger } from '@truehop/proxy-protocol/receive'
import { TruehopExpressError } from './error.js'

/** Lines in a minute for each reason. */
const PER_MINUTE = 6

const MESSAGE = 'client undetermined'

/** Logs requests that are answered 400 because their client cannot be named. */
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

/** The message of a refused connection contains all of its fields; this one contains none. */
const CONSOLE: RefusalLogger = {
  warn: (fields, message) => {
    const { event: _, ...said } = fields as { readonly event?: unknown }
    const shown = message === MESSAGE ? ` ${JSON.stringify(said)}` : ''
    console.warn(`truehop: ${message}${shown}`)
  },
}

/** What Express takes besides the options of every adapter. */
export const EXPRESS_OPTIONS = {
  logger: instance<RefusalLogger>(
    'an object with warn(fields, message), such as a pino logger',
    (value): value is RefusalLogger =>
      typeof (value as Partial<RefusalLogger> | null)?.warn === 'function',
  )({
    says: 'Receives refused connections and requests, a few a minute for each reason. Express only.',
    defaultSays: '`console.warn`',
    hint: 'leave it out for console.warn',
  }),
}

/** @throws {TruehopExpressError} for something that cannot log. */
export function readLogger(given: unknown): RefusalLogger {
  const { logger = CONSOLE } = readOptions(
    EXPRESS_OPTIONS,
    { logger: given },
    ({ path, message }) => new TruehopExpressError('bad-logger', message, path),
  )
  return logger
}
