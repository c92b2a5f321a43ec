import { afterEach } from 'vitest'
import { type Ended, truehop } from './command-line.js'

/** A command that listens until it is ended. */
export interface Running {
  readonly port: number
  /** Everything printed so far. */
  out(): string
  /** Resolves when standard output has a match. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** As a person would with Ctrl-C. */
  end(): Promise<Ended>
  readonly ended: Promise<Ended>
}

const running = new Set<Running>()

afterEach(async () => {
  for (const one of running) await one.end()
  running.clear()
})

/** Runs a command that listens; resolves when it does. What the test leaves running is ended. */
export async function start(...args: readonly string[]): Promise<Running> {
  const ending = new AbortController()
  const texts = { out: '', err: '' }
  const waiting = new Set<() => void>()
  const ended = truehop(args, {
    signal: ending.signal,
    onOutput(text, to) {
      texts[to] = text
      for (const look of waiting) look()
    },
  })
  const until = (to: 'out' | 'err', pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve) => {
      const look = (): void => {
        const match = pattern.exec(texts[to])
        if (match === null) return
        waiting.delete(look)
        resolve(match)
      }
      waiting.add(look)
      look()
    })
  const over = ended.then(({ err }) =>
    Promise.reject(new Error(`ended before it listened: ${err}`)),
  )
  over.catch(() => {})
  const [, port] = await Promise.race([over, until('err', /(?:on|from) [\d.]+:(\d+)/)])
  const one: Running = {
    port: Number(port),
    out: () => texts.out,
    printed: (pattern) => until('out', pattern),
    end() {
      ending.abort()
      return ended
    },
    ended,
  }
  running.add(one)
  return one
}
