/**
 * Does work with a signal that is aborted with `signal`, and after so many milliseconds. In place of
 * `AbortSignal.any`: a signal that lives as long as the service would remember each one that was made
 * of it, on Node 20 for ever.
 */
export async function withDeadline<T>(
  milliseconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const end = (): void => over.abort(signal.reason)
  const timer = setTimeout(() => {
    over.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  }, milliseconds).unref()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    return await work(over.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}
