import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll } from 'vitest'

/** Something that runs until it is stopped. */
export interface Service {
  stop(): Promise<void>
}

const children = new Set<ChildProcess>()

/** What a suite did not get to stop ends with its worker, also when the test runner was killed. */
function killAll(): void {
  for (const child of children) child.kill('SIGKILL')
}
process.once('exit', killAll)
process.once('disconnect', killAll)

/**
 * Returns a function that takes a started service and hands it back; every service it took is
 * stopped after the suite, the last one first, whether or not the suite's set-up went through.
 */
export function stopAfterAll(): <S extends Service>(service: S) => S {
  const running: Service[] = []
  afterAll(async () => {
    for (const service of running.reverse()) await service.stop()
  })
  return (service) => {
    running.push(service)
    return service
  }
}

export interface Program {
  readonly path: string
  readonly args: readonly string[]
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** A port on 127.0.0.1 on which it accepts once it is ready. */
  readonly readyPort: number
  /**
   * Whether it answers HTTP there. The kernel accepts connections to the first port of a program while
   * the program still binds the others, so that of several ports only an answer shows that it is ready.
   */
  readonly readyAnswers?: boolean
  /** Milliseconds to wait for that, 30,000 by default: what a busy machine takes. */
  readonly patience?: number
  /** Generated files that go with it when it is stopped. */
  readonly folder: string
}

/**
 * Starts a program in the foreground and waits until it is ready. Throws what it
 * printed when it ends before that.
 */
export async function startProgram(program: Program): Promise<Service> {
  const { path, args, readyPort, readyAnswers = false, patience = 30_000, folder } = program
  const env = { ...process.env, ...program.env }
  const child = spawn(path, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  let printed = ''
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-8192)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      reject(new Error(`${path} ended (${code ?? signal}) before it accepted:\n${printed}`))
    })
  })
  const service = {
    async stop(): Promise<void> {
      await stop(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
  try {
    await Promise.race([ended, ready(readyPort, readyAnswers, patience)])
  } catch (error) {
    await service.stop()
    throw error
  }
  ended.catch(() => {})
  return service
}

async function ready(port: number, answers: boolean, patience: number): Promise<void> {
  for (const start = Date.now(); Date.now() - start < patience; await delay(20)) {
    if (await isReady(port, answers)) return
  }
  throw new Error(
    `nothing ${answers ? 'answered' : 'accepted'} on port ${port} within ${patience} ms`,
  )
}

function isReady(port: number, answers: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once(answers ? 'data' : 'connect', () => {
      resolve(true)
      socket.destroy()
    })
    if (answers) socket.write('GET / HTTP/1.0\r\n\r\n')
  })
}

async function stop(child: ChildProcess): Promise<void> {
  children.delete(child)
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await exited
  clearTimeout(force)
}
