/**
 * Makes an application's function safe to call on the request path: what it throws, or rejects
 * with, becomes a process warning (code `TRUEHOP_CALLBACK`), once for each function made here, and
 * the caller goes on. Unhandled, it would end the process, or answer 500, which any client could
 * then cause. Without a callback the function does nothing.
 *
 * For callbacks that are only notified. What a callback decides (a key, a cost) must not be guessed
 * if it fails, and its caller handles that. With `thrown: 'pass'`, the caller also handles what it
 * throws synchronously.
 *
 * `option`: the callback's name, for the warning.
 */
export function guarded<Arguments extends readonly unknown[]>(
  option: string,
  callback: ((...of: Arguments) => unknown) | undefined,
  thrown: 'warn' | 'pass' = 'warn',
): (...of: Arguments) => void {
  if (callback === undefined) return () => {}
  const warn = warnOnce(option)
  return (...of) => {
    try {
      const returned = callback(...of)
      // To the type checker, a function that awaits something is one that returns nothing.
      if (isThenable(returned)) returned.then(undefined, warn)
    } catch (error) {
      if (thrown === 'pass') throw error
      warn(error)
    }
  }
}

/**
 * What an application's function returned, if it is not a promise. An answer that comes later is of
 * no use to a decision that is made now; and a promise that nobody listens to ends the process when
 * it rejects, which any client could then cause.
 *
 * `name` is the function's name for the message, `owner` the name of what it belongs to.
 *
 * @throws {TypeError} for a promise.
 */
export function immediate(name: string, returned: unknown, owner?: string): unknown {
  if (!isThenable(returned)) return returned
  returned.then(undefined, () => {})
  throw new TypeError(
    `${name}${owner === undefined ? '' : ` "${owner}"`} returned a promise; return the value itself, and wait for what it needs in a hook or middleware before`,
  )
}

function warnOnce(option: string): (error: unknown) => void {
  let warned = false
  return (error) => {
    if (warned) return
    warned = true
    process.emitWarning(`${option} failed; further failures are not shown: ${described(error)}`, {
      type: 'TruehopWarning',
      code: 'TRUEHOP_CALLBACK',
    })
  }
}

/** Anything can be thrown, even values that cannot be converted to a string. */
function described(error: unknown): string {
  try {
    return String(error instanceof Error ? error.stack : error)
  } catch {
    return 'something that is not an error'
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
