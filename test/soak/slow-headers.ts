import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { FROM } from './scenes.js'
import type { Usage } from './slow-server.js'

export interface Phase extends Usage {
  readonly requests: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** The server's CPU time in the phase, as a share of one core. */
  readonly share: number
}

export interface SlowHeadersReport {
  readonly without: readonly Phase[]
  readonly attacked: readonly Phase[]
}

/** Times that normal traffic is measured without and under attack, in turn. */
const ROUNDS = 2
const CLIENTS = 8
/** Milliseconds between two requests of a client: traffic, and not a load test. */
const PAUSE = 10

/**
 * Normal traffic beside connections that send one byte of their PROXY header a second. Server,
 * attacker and clients are processes of their own. The folder holds this file as it was compiled.
 */
export async function slowHeaders(
  connections: number,
  seconds: number,
  folder: URL,
): Promise<SlowHeadersReport> {
  const server = fork(new URL('slow-server.js', folder))
  const [told]: { readonly port: number }[] = await once(server, 'message')
  if (told === undefined) throw new Error('the server does not listen')
  const { port } = told
  const [without, attacked]: [Phase[], Phase[]] = [[], []]
  try {
    await phase(server, port, 2)
    for (let round = 0; round < ROUNDS; round++) {
      without.push(await phase(server, port, seconds))
      const attacker = fork(new URL('slow-attacker.js', folder), [`${port}`, `${connections}`])
      // It would be another machine: those who are measured do not wait for it here either.
      if (attacker.pid !== undefined) setPriority(attacker.pid, constants.priority.PRIORITY_LOW)
      await sleep(4000)
      attacked.push(await phase(server, port, seconds))
      attacker.kill()
      // Until the deadline has ended the last of them.
      await sleep(7000)
    }
  } finally {
    server.kill()
  }
  return { without, attacked }
}

async function phase(server: ChildProcess, port: number, seconds: number): Promise<Phase> {
  const { cpu: before } = await usageOf(server)
  const started = performance.now()
  const end = started + seconds * 1000
  const times: number[] = []
  await Promise.all(Array.from({ length: CLIENTS }, () => client(port, end, times)))
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0
  const took = (performance.now() - started) / 1000
  const usage = await usageOf(server)
  const share = (usage.cpu - before) / took
  return { requests: times.length, p50: at(0.5), p99: at(0.99), share, ...usage }
}

async function usageOf(server: ChildProcess): Promise<Usage> {
  const answered = once(server, 'message')
  server.send('usage')
  const [usage]: Usage[] = await answered
  if (usage === undefined) throw new Error('the server does not tell')
  return usage
}

async function client(port: number, end: number, times: number[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  while (performance.now() < end) {
    const started = performance.now()
    await ask(port, agent)
    times.push(performance.now() - started)
    await sleep(PAUSE)
  }
  agent.destroy()
}

function ask(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', localAddress: FROM.stranger, agent }
    get(options, (response) => {
      response.on('error', reject).on('end', resolve).resume()
    }).on('error', reject)
  })
}
