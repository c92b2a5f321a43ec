import type { Socket } from 'node:net'

/** Milliseconds without a byte after which a connection ends. */
export const IDLE = 60_000

/**
 * Joins two connections, each byte of one written to the other, until both have ended. Calls
 * `onEnd` once, with what went wrong first if anything did.
 */
export function splice(
  one: Socket,
  other: Socket,
  onEnd: (error: string | undefined) => void,
): void {
  let error: string | undefined
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.setTimeout(IDLE, () => from.destroy())
    from.on('error', (reason) => {
      error ??= reason.message
    })
    from.once('close', () => to.destroy())
    from.pipe(to)
  }
  other.once('close', () => onEnd(error))
}
