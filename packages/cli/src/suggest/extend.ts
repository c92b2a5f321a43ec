import type { Evidence } from '@truehop/identity'
import { cover } from './cover.js'
import { isAlways } from './group.js'
import type { PeerKind, PeerKinds } from './peer-kind.js'
import type { Entry, Question } from './proposal.js'
import { goesOn, type Trial, tryEntries } from './trial.js'

/** Rules that a walk is extended by, at most. */
const MAX_RULES = 5

export interface Extended {
  readonly entries: readonly Entry[]
  readonly trial: Trial
  readonly reasons: readonly string[]
  readonly questions: readonly Question[]
}

/**
 * The entries, and those that the walk needs behind them: while most walks end at a node that is
 * known infrastructure, or at private or own addresses that always have more to say, the chain
 * goes on. A node that a client's own text names can come up as well, but only behind what a
 * trusted hop wrote: it ends the walk, and nothing left of it is read.
 */
export function extend(
  first: readonly Entry[],
  samples: readonly Evidence[],
  kinds: PeerKinds,
): Extended {
  const entries = [...first]
  const reasons: string[] = []
  const questions: Question[] = []
  let trial = tryEntries(entries, samples)
  while (entries.length < MAX_RULES) {
    const next = nextOf(trial, samples, kinds, entries)
    if (next === undefined) break
    reasons.push(...next.reasons)
    questions.push(...next.questions)
    if (next.entry === undefined) break
    entries.push(next.entry)
    trial = tryEntries(entries, samples)
  }
  return { entries, trial, reasons, questions }
}

interface Next {
  readonly entry: Entry | undefined
  readonly reasons: readonly string[]
  readonly questions: readonly Question[]
}

interface Ends {
  readonly kind: PeerKind
  readonly nodes: Set<string>
  readonly samples: Evidence[]
  /** Of those, with more of the same evidence left to read. */
  more: number
  last: string
}

function nextOf(
  trial: Trial,
  samples: readonly Evidence[],
  kinds: PeerKinds,
  entries: readonly Entry[],
): Next | undefined {
  const ends = endsOf(trial, samples, kinds)
  const read = ends.reduce((sum, end) => sum + end.samples.length, 0)
  for (const end of ends) {
    const share = end.samples.length / read
    const next =
      end.kind.is === 'infrastructure'
        ? intoPlatform(end, share, entries)
        : intoNetwork(end, share, entries)
    if (next !== undefined) return next
  }
  return undefined
}

/** Nodes at which walks ended that read at least one entry. */
function endsOf(trial: Trial, samples: readonly Evidence[], kinds: PeerKinds): Ends[] {
  const ends = new Map<string, Ends>()
  for (const [at, walk] of trial.walks.entries()) {
    const last = walk.steps.at(-1)
    const evidence = samples[at]
    if (walk.identity.status !== 'resolved' || last === undefined || evidence === undefined)
      continue
    const kind = kinds.of(walk.identity.ip)
    const key = `${kind.is} ${kind.id}`
    const end = ends.get(key) ?? {
      kind,
      nodes: new Set(),
      samples: [],
      more: 0,
      last: last.asserts,
    }
    ends.set(key, end)
    end.nodes.add(walk.identity.ip)
    end.samples.push(evidence)
    if (goesOn(walk)) end.more++
  }
  return [...ends.values()].sort((a, b) => b.samples.length - a.samples.length)
}

/** Visitors can have addresses of a platform as well (VPN, workers): then they are few. */
const MOST = 0.5

function intoPlatform(
  { kind, samples }: Ends,
  share: number,
  entries: readonly Entry[],
): Next | undefined {
  if (kind.is !== 'infrastructure') return undefined
  const { platform } = kind
  if (entries.some((entry) => 'platform' in entry && entry.platform === platform.id))
    return undefined
  const percent = `${Math.round(share * 100)} %`
  const header = Object.keys(platform.rules).find((name) => isAlways(samples, name))
  if (share >= MOST && header !== undefined) {
    return {
      entry: platformEntry(platform.id, platform.rules, header),
      reasons: [
        `${percent} of the walks come to addresses that ${platform.name} publishes, each with ${header}: the chain goes on there`,
      ],
      questions: [otherCustomers(platform.name, platform.closesDirectAccess)],
    }
  }
  return {
    entry: undefined,
    reasons: [],
    questions: [fewFrom(platform.name, platform.id, percent)],
  }
}

/** Names the header only where it is not the one that holds without it. */
export function platformEntry(
  id: string,
  rules: Readonly<Record<string, unknown>>,
  header: string,
): Entry {
  return Object.keys(rules)[0] === header ? { platform: id } : { platform: id, header }
}

export function otherCustomers(name: string, closes: string): Question {
  return {
    code: 'other-customers',
    text: `Does only your own ${name} reach the service? Every customer of ${name} comes from the same addresses`,
    answer: closes,
    blocks: false,
  }
}

export function fewFrom(name: string, id: string, percent: string): Question {
  return {
    code: 'few-from-platform',
    text: `Does ${name} stand in front? ${percent} of the requests come from its addresses, and visitors can have such addresses too: they are not trusted here`,
    answer: `If it does, close the way past it and record again, or write --platform ${id}`,
    blocks: false,
  }
}

/** Of the walks that end in a network, nearly all: a client inside it may be among them. */
const NEARLY_ALL = 0.9

function intoNetwork(
  { kind, nodes, samples, more, last }: Ends,
  share: number,
  entries: readonly Entry[],
): Next | undefined {
  if (kind.is === 'public' || kind.is === 'infrastructure') return ownProxy(nodes, share, more)
  if (more < samples.length || (share < NEARLY_ALL && kind.is !== 'own')) return undefined
  const from = cover(nodes, kind.id)
  return {
    entry: { name: `proxy-${entries.length + 1}`, from, asserts: last },
    reasons: [
      `the walks come to ${from.join(', ')}, which ${kind.is === 'own' ? 'you say are yours' : 'are private'} and name another party each time: the chain goes on there`,
    ],
    questions: kind.is === 'own' ? [] : [whoElse(from, last)],
  }
}

/** One public node for all, with more behind it, is a proxy of one's own, or the only client. */
function ownProxy(nodes: ReadonlySet<string>, share: number, more: number): Next | undefined {
  const [node] = nodes
  if (node === undefined || nodes.size > 1 || share < 1 || more === 0) return undefined
  const question: Question = {
    code: 'own-proxy',
    text: `Is ${node} a proxy of yours? All walks end there, and it hands on more`,
    answer: `If it is, write --own ${node}; if it is a client, what it hands on is its own text`,
    blocks: true,
  }
  return { entry: undefined, reasons: [], questions: [question] }
}

export function whoElse(from: readonly string[], header: string): Question {
  return {
    code: 'who-else',
    text: `Does anything but your proxy reach this port from ${from.join(', ')}? Whoever does can name any client in ${header}`,
    answer:
      'Close the port for everybody else. Name in from all addresses that the proxies can have, such as the subnets of a balancer, and no more: a proxy that is not in there counts as a client',
    blocks: false,
  }
}
