import type { Answer } from './answer.js'
import { type Contract, contractOf } from './contract.js'
import { exchange } from './exchange.js'
import { type Probe, type ProbeName, Probes } from './probe.js'
import type { Target } from './target.js'

export interface ExamineOptions {
  /** Ask for TLS, after the header. */
  readonly tls: boolean
  readonly path: string
  /** Milliseconds to wait for each answer. */
  readonly timeout: number
}

/** A probe and its outcome. */
export interface Probed {
  readonly probe: Probe
  readonly answer: Answer
}

export interface Examination {
  readonly target: Target
  readonly tls: boolean
  /** The page that was asked for. */
  readonly path: string
  readonly contract: Contract
  readonly probed: ReadonlyMap<ProbeName, Probed>
}

/** Connections at a time. */
const AT_ONCE = 4

/** Probes a listener: first for its contract, then for what that contract promises. */
export async function examine(target: Target, options: ExamineOptions): Promise<Examination> {
  const probes = new Probes(target, options.path, options.tls)
  const probed = new Map<ProbeName, Probed>()
  const ask = (list: readonly Probe[]) => askAll(list, target, options.timeout, probed)
  await ask(probes.contract())
  const contract = contractOf(probed)
  const version = contract.versions.at(-1)
  const isServed = contract.header !== 'unknown'
  await ask([
    ...(version === undefined ? [] : probes.header(version)),
    ...(isServed ? probes.forged(contract.header === 'none' ? undefined : version) : []),
    ...(isServed && options.tls ? probes.insideTls() : []),
  ])
  return { target, tls: options.tls, path: options.path, contract, probed }
}

/** A few at a time, each connection bounded in time and in bytes. Answers are kept in order. */
async function askAll(
  probes: readonly Probe[],
  target: Target,
  timeout: number,
  probed: Map<ProbeName, Probed>,
): Promise<void> {
  const waiting = [...probes.entries()]
  const answers: Answer[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, probe] = next
      answers[index] = await exchange(target, probe.sending, timeout)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  for (const [index, probe] of probes.entries()) {
    const answer = answers[index]
    if (answer !== undefined) probed.set(probe.name, { probe, answer })
  }
}
