import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const examples = fileURLToPath(new URL('../../../examples/dist', import.meta.url))

/** The path of an example as the build wrote it. */
export const exampleAt = (name: string): string => join(examples, `${name}.js`)

/** A program that a test sends signals to. */
export class RunningProgram {
  readonly #child: ChildProcess
  /** What it printed. */
  output = ''
  /** `0`, or the signal that ended it. */
  readonly ended: Promise<number | string | null>

  private constructor(
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    this.#child = spawn(path, args, { env: { ...process.env, ...env }, stdio: [...stdio] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
      })
    }
    this.ended = once(this.#child, 'exit').then(([code, signal]) => code ?? signal)
  }

  /** An example, started. What it has not ended by itself ends with the test. */
  static example(name: string, env: Readonly<Record<string, string>>): RunningProgram {
    return RunningProgram.start(process.execPath, [exampleAt(name)], env)
  }

  static start(
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): RunningProgram {
    const program = new RunningProgram(path, args, env)
    onTestFinished(async () => {
      program.signal('SIGKILL')
      await program.ended
    })
    return program
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Resolves when it has printed the text so often; rejects where it ended before. */
  async printed(text: string, times = 1): Promise<void> {
    while (this.output.split(text).length <= times) {
      if (this.#child.exitCode !== null) throw new Error(`ended:\n${this.output}`)
      await delay(20)
    }
  }
}

/** A connection, and all that came back over it. */
export interface Conversation {
  readonly socket: Socket
  readonly answer: Promise<string>
}

export async function talk(port: number, bytes: string): Promise<Conversation> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let text = ''
  socket
    .on('error', () => {})
    .on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  const answer = once(socket, 'close').then(() => text)
  socket.write(bytes)
  return { socket, answer }
}

/** A PROXY header from this address, and the start of a request that ends its connection. */
export const header = (address: string): string => `PROXY TCP4 ${address} 192.0.2.80 4711 80\r\n`
export const request = (path: string, fields: readonly string[] = []): string =>
  [`GET ${path} HTTP/1.1`, 'Host: a', 'Connection: close', ...fields, '', ''].join('\r\n')

/** The body of an answer, as JSON. */
export function bodyOf(answer: string): Readonly<Record<string, unknown>> {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))
}

export async function ask(port: number, bytes: string): Promise<Readonly<Record<string, unknown>>> {
  const { answer } = await talk(port, bytes)
  return bodyOf(await answer)
}
