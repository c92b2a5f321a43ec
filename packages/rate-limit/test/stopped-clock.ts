import { onTestFinished, vi } from 'vitest'

/**
 * Stops the clock until the test is over, and no timer. What is left of a window then stays what it
 * was, however long a busy machine takes for a few requests.
 */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}
