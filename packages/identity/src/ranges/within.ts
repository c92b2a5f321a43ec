/**
 * What a promise resolves to, unless that takes longer than a number of milliseconds: then it
 * rejects.
 */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`did not answer within ${milliseconds} ms`)
    timer = setTimeout(() => reject(error), milliseconds).unref()
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
    // A result after the deadline is dropped.
    promise.catch(() => {})
  }
}
