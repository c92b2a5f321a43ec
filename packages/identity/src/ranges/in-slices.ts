import type { Slices } from '@truehop/ip/internal'

/**
 * Milliseconds of work in one turn of the event loop: a request that arrives meanwhile waits that
 * long.
 */
const TURN = 5

/**
 * Does work in slices between which the event loop turns, so that a service keeps answering while
 * it builds a list of a million. On the main thread, not in a worker: what a worker built would
 * have to be transferred in one piece, and its file would have to be found from every bundle.
 * Rejects with what the work throws, and with the signal's reason if it is aborted.
 */
export async function inSlices<T>(work: Slices<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const until = performance.now() + TURN
    do {
      const step = work.next()
      if (step.done === true) return step.value
    } while (performance.now() < until)
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
  }
}
