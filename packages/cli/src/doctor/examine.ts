import { type Answer, bare, isUnfinished } from './answer.js'
import { type Contract, contractOf, isAnswered } from './contract.js'
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

/** How many times as long a probe is waited for that is sent once more. */
const PATIENCE = 4

/** Probes a listener: first for its contract, then for what that contract promises. */
export async function examine(target: Target, options: ExamineOptions): Promise<Examination> {
  const probes = new Probes(target, options.path, options.tls)
  const probed = new Map<ProbeName, Probed>()
  const ask = (list: readonly Probe[]) => askAll(list, target, options.timeout, probed)
  await ask(probes.contract())
  const contract = contractOf(probed)
  const version = contract.versions.at(-1)
  const answered = answerTo(probed, `v${version ?? 2}`).after ?? 0
  const isServed = contract.header !== 'unknown'
  await ask([
    ...(version === undefined ? [] : probes.header(version, answered)),
    ...(isServed ? probes.forged(contract.header === 'none' ? undefined : version) : []),
    ...(isServed && options.tls ? probes.insideTls() : []),
  ])
  return { target, tls: options.tls, path: options.path, contract, probed }
}

/**
 * Sends each probe, and once more those that got no answer in time, if the listener answers others:
 * being busy is not a way of treating a header. Answers are kept in order.
 */
async function askAll(
  probes: readonly Probe[],
  target: Target,
  timeout: number,
  probed: Map<ProbeName, Probed>,
): Promise<void> {
  const keep = (list: readonly Probed[]) => {
    for (const one of list) probed.set(one.probe.name, one)
  }
  keep(await answersTo(probes, target, timeout))
  const answers = [...probed.values()].map(({ answer }) => answer)
  if (!answers.some((answer) => isAnswered(answer) || answer.kind === 'tls')) return
  const late = probes.filter(({ name }) => isUnfinished(answerTo(probed, name)))
  const again = await answersTo(late, target, timeout * PATIENCE)
  // A second attempt that got no connection says less than the first.
  keep(again.filter(({ answer }) => answer.kind !== 'unreachable'))
}

/** A few at a time, each connection bounded in time and in bytes. */
async function answersTo(
  probes: readonly Probe[],
  target: Target,
  timeout: number,
): Promise<Probed[]> {
  const waiting = [...probes.entries()]
  const answers: Answer[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, probe] = next
      answers[index] = await exchange(target, probe.sending, timeout)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return probes.flatMap((probe, index) => {
    const answer = answers[index]
    return answer === undefined ? [] : [{ probe, answer }]
  })
}

/** The answer to a probe; one that was not sent got no connection. */
export function answerTo(probed: Examination['probed'], name: ProbeName): Answer {
  return probed.get(name)?.answer ?? bare('unreachable')
}
