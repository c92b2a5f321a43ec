import type { Refusal } from './refusal.js'

/**
 * Turns `onRefused` into a callback that neither throws nor leaves a rejected promise behind: one
 * refused connection must not end the process for all the others. The first failure becomes a
 * process warning, code TRUEHOP_ON_REFUSED; a warning for each would let strangers flood the log.
 */
export function harmless(onRefused: (refusal: Refusal) => unknown): (refusal: Refusal) => void {
  let warned = false
  const warn = (error: unknown): void => {
    if (warned) return
    warned = true
    const what = error instanceof Error ? error.stack : String(error)
    process.emitWarning(`onRefused failed; further failures are not shown: ${what}`, {
      type: 'TruehopWarning',
      code: 'TRUEHOP_ON_REFUSED',
    })
  }
  return (refusal) => {
    try {
      Promise.resolve(onRefused(refusal)).catch(warn)
    } catch (error) {
      warn(error)
    }
  }
}
