import { repeatedNames } from '@truehop/identity/yaml'
import {
  RateLimitError,
  RateLimiter,
  type RateLimitOptions,
  type RedisClient,
} from '@truehop/rate-limit'
import { inputText } from '../evidence/file-bytes.js'
import { printable } from '../output/printable.js'
import type { Terminal } from '../output/terminal.js'
import { messageOf, UsageError } from '../program/usage-error.js'

/** Milliseconds for an answer: nobody waits for a response here. */
const DEADLINE = 10_000

/**
 * The limits that a service has, from the options of its limiter as JSON: one limit, or several
 * under `limits`. `"key": true` stands for a function; functions cannot be written.
 *
 * @throws {UsageError} for a file that cannot be read, and for limits that are not valid.
 */
export async function limiterOf(
  file: string,
  store: RedisClient,
  terminal: Terminal,
): Promise<RateLimiter> {
  const written = parsed(file, await inputText(file, terminal))
  const limits: unknown = 'limits' in written ? written.limits : undefined
  const options: unknown = Array.isArray(limits)
    ? { ...written, limits: limits.map(withKey) }
    : withKey(written)
  try {
    // Whatever is in the file is checked there.
    return new RateLimiter({ ...(options as RateLimitOptions<unknown>), store, deadline: DEADLINE })
  } catch (error) {
    if (error instanceof RateLimitError) throw new UsageError(`${file}: ${error.message}`)
    throw error
  }
}

function parsed(file: string, text: string): object {
  const value = jsonIn(file, text)
  const [twice] = repeatedNames(text, 'limits.json')
  if (twice !== undefined) {
    const { path, first, again } = twice
    throw new UsageError(
      `${file}:${again.line}:${again.column}: ${printable(path)} is there already, at ${first.line}:${first.column}, and only the last one would count; keep one`,
    )
  }
  if (typeof value === 'object' && value !== null) return value
  throw new UsageError(`${file} must contain an object such as { "limit": 100, "window": 60 }`)
}

function jsonIn(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${printable(messageOf(error))}`)
  }
}

function withKey(limit: unknown): unknown {
  const isByKey =
    typeof limit === 'object' && limit !== null && 'key' in limit && limit.key === true
  return isByKey ? { ...limit, key: () => undefined } : limit
}
