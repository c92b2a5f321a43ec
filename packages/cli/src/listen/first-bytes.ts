import type { Socket } from 'node:net'
import { dissect, type Layer } from '../dissect/dissection.js'

/** The first bytes of a stream. */
export interface FirstBytes {
  readonly layers: readonly Layer[]
  readonly byteLength: number
  /** Why reading stopped. */
  readonly ended: 'settled' | 'closed' | 'deadline' | 'full'
  /** Why it was closed, unless it simply ended. */
  readonly error: string | undefined
}

/**
 * Reads until it is clear what the bytes are, at most `maxBytes` of them. Then anything that came
 * after PROXY headers is put back, and the stream paused, for the code that continues with it.
 */
export function readFirstBytes(
  stream: Socket,
  maxBytes: number,
  deadline: AbortSignal,
): Promise<FirstBytes> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    let error: string | undefined
    const finish = (ended: FirstBytes['ended']): void => {
      stream.off('data', onData).off('end', onEnd).off('close', onEnd)
      stream.off('error', onError)
      deadline.removeEventListener('abort', onDeadline)
      stream.pause()
      const { layers } = dissect(bytes.subarray(0, maxBytes))
      if (ended === 'settled') stream.unshift(bytes.subarray(layers.at(-1)?.offset ?? 0))
      resolve({ layers, byteLength: Math.min(bytes.length, maxBytes), ended, error })
    }
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      if (dissect(bytes.subarray(0, maxBytes)).settled) finish('settled')
      else if (bytes.length >= maxBytes) finish('full')
    }
    const onEnd = (): void => finish('closed')
    const onDeadline = (): void => finish('deadline')
    const onError = (fault: Error): void => {
      error = reasonOf(fault)
    }
    stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError)
    deadline.addEventListener('abort', onDeadline)
    if (deadline.aborted) onDeadline()
  })
}

/** OpenSSL's own words, such as `tlsv1 alert unknown ca`, if an error has them. */
export function reasonOf(fault: Error): string {
  return 'reason' in fault && typeof fault.reason === 'string' ? fault.reason : fault.message
}
