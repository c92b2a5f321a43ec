import { setImmediate as turn } from 'node:timers/promises'

/** That the time is over: what was begun may still come to an end. */
export const LATE = Symbol('late')

/**
 * What the work comes to, or `LATE` after so many milliseconds. `signal` tells the work that the time
 * is over, and a work that ends by that is not late.
 */
export async function inTime<T>(
  milliseconds: number,
  begin: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly work: Promise<T>; readonly ended: T | typeof LATE }> {
  const over = new AbortController()
  const work = begin(over.signal)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => {
      over.abort()
      void turn().then(() => resolve(LATE))
    }, milliseconds)
  })
  try {
    return { work, ended: await Promise.race([work, late]) }
  } finally {
    clearTimeout(timer)
  }
}

/** As the work ends, or rejects as soon as the time is over. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(signal.reason)
    if (signal.aborted) give()
    signal.addEventListener('abort', give, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give))
  })
}
