import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll } from 'vitest'
import { run, type Screen } from '../src/index.js'

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Surroundings {
  readonly stdin?: string
  /** A person looks. */
  readonly tty?: boolean
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Told everything that is written. */
  readonly onOutput?: (text: string, to: 'out' | 'err') => void
}

/** Runs a command line in this process, and returns what a person would see. */
export async function truehop(args: readonly string[], around: Surroundings = {}): Promise<Ended> {
  const written = { out: '', err: '' }
  const screen = (to: 'out' | 'err'): Screen => {
    const stream = new PassThrough()
    stream.on('data', (chunk: Buffer) => {
      written[to] += chunk.toString()
      around.onOutput?.(written[to], to)
    })
    return around.tty === true ? Object.assign(stream, { isTTY: true }) : stream
  }
  const [stdout, stderr] = [screen('out'), screen('err')]
  const code = await run(args, {
    stdin: Readable.from(around.stdin === undefined ? [] : [Buffer.from(around.stdin, 'latin1')]),
    stdout,
    stderr,
    environment: around.environment ?? {},
    signal: around.signal ?? new AbortController().signal,
  })
  stdout.end()
  stderr.end()
  await Promise.all([once(stdout, 'end'), once(stderr, 'end')])
  return { code, ...written }
}

/** Writes a file that goes after the suite. */
export function fileWriter(): (name: string, content: unknown) => string {
  const folder = mkdtempSync(join(tmpdir(), 'truehop-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name, content) => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
    return path
  }
}
