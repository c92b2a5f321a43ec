import { randomUUID } from 'node:crypto'
import type { Writable } from 'node:stream'

/**
 * The first record of a new trail. Its random name goes into every later hash: without it two
 * trails begun in the same millisecond would have the same heads, and one could pass for the other.
 */
export function started(facts: object = {}): string {
  return own('audit.started', { trail: randomUUID(), ...facts })
}

/** A record about the trail itself. */
export function own(event: string, facts: object = {}): string {
  return JSON.stringify({ time: new Date().toISOString(), event, ...facts })
}

/** Rejects with what the stream fails with. */
export function appendTo(stream: Writable | undefined, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream?.write(text, (error) => (error ? reject(error) : resolve()))
  })
}
