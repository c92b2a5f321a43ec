import type { Evidence } from '@truehop/identity'
import { type Group, groupsOf, reportOf } from './group.js'
import { judgeInside } from './inside-group.js'
import { judgeInfrastructure, judgePublic } from './outside-group.js'
import { PeerKinds } from './peer-kind.js'
import {
  type Answers,
  type Entry,
  type Finding,
  NO_ANSWERS,
  type Proposal,
  type Question,
} from './proposal.js'
import { clientOf, optionsOf, proxyDepth, type Trial, tryEntries } from './trial.js'

/**
 * Proposes a policy for recorded evidence, with its reasons and with what a person has to answer.
 *
 * Peers decide, never headers alone: trusted is only a peer with an address that no host on the
 * internet can have, that a platform publishes, or that the person says is theirs; and of those
 * only who names a client on every request. What does not prove that much gets a question and no
 * trust. `any` is never proposed, and `depth` only as a platform needs it.
 *
 * Pure; never throws on evidence.
 *
 * @throws {PrefixError} for an entry of `own` that is neither an address nor a prefix.
 */
export function propose(samples: readonly Evidence[], answers: Answers = NO_ANSWERS): Proposal {
  const kinds = new PeerKinds(answers.own)
  const groups = groupsOf(samples, kinds)
  const findings = groups.map((group) => judge(group, groups, answers, kinds))
  const entries = named(merged(findings.flatMap((finding) => finding.entries)))
  const questions = unique([...findings.flatMap((f) => f.questions), ...nothingSeen(groups)])
  const trial = tryEntries(entries, samples)
  return {
    outcome: outcomeOf(entries, questions),
    policy: optionsOf(entries, proxyDepth(samples)),
    reasons: findings.flatMap((finding) => finding.reasons),
    questions,
    peers: groups.map(reportOf),
    infrastructure: infrastructureOf(trial, kinds),
    decisions: decisionsOf(trial),
    forged: forgedOf(trial),
  }
}

function judge(
  group: Group,
  groups: readonly Group[],
  answers: Answers,
  kinds: PeerKinds,
): Finding {
  const of = (is: string) => groups.filter(({ kind }) => kind.is === is)
  const { kind } = group
  if (kind.is === 'public')
    return judgePublic(
      group,
      groups.every((one) => one.kind.is === 'public'),
    )
  if (kind.is !== 'infrastructure') return judgeInside(group, answers, kinds)
  const others = [...of('public'), ...of('infrastructure')].filter((one) => one !== group)
  const count = others.reduce((sum, { samples }) => sum + samples.length, 0)
  return judgeInfrastructure(group, count, answers, kinds)
}

function nothingSeen(groups: readonly Group[]): Question[] {
  if (groups.length > 0) return []
  const text = 'There is no request with a known peer'
  return [{ code: 'no-requests', text, answer: 'Record requests of visitors', blocks: true }]
}

/** One entry for a platform that two groups come to, and one rule for peers with the same header. */
function merged(entries: readonly Entry[]): Entry[] {
  const made: Entry[] = []
  for (const entry of entries) {
    const at = made.findIndex((one) => isAlike(one, entry))
    const same = made[at]
    if (same === undefined) made.push(entry)
    else if (same.from !== undefined && entry.from !== undefined) {
      made[at] = { ...same, from: [...new Set([...same.from, ...entry.from])] }
    }
  }
  return made
}

function isAlike(a: Entry, b: Entry): boolean {
  const { from: _a, name: nameA, ...restA } = a
  const { from: _b, name: nameB, ...restB } = b
  return nameA === nameB && JSON.stringify(restA) === JSON.stringify(restB)
}

/** Two rules of one name are refused: `proxy`, `proxy-2`, … */
function named(entries: readonly Entry[]): Entry[] {
  const taken = new Set<string>()
  return entries.map((entry) => {
    const base = entry.name
    if (base === undefined) return entry
    let name = base
    for (let n = 2; taken.has(name); n++) name = `${base.replace(/-\d+$/, '')}-${n}`
    taken.add(name)
    return { ...entry, name }
  })
}

function unique(questions: readonly Question[]): Question[] {
  return questions.filter(
    ({ text }, at) => questions.findIndex((other) => other.text === text) === at,
  )
}

function outcomeOf(entries: readonly Entry[], questions: readonly Question[]): Proposal['outcome'] {
  if (entries.length > 0) return 'proposed'
  return questions.some(({ blocks }) => blocks) ? 'open' : 'nobody'
}

function infrastructureOf({ walks }: Trial, kinds: PeerKinds): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { identity } of walks) {
    const ids = identity.nodes.map((node) => kinds.of(node))
    for (const id of new Set(ids.filter(({ is }) => is !== 'public').map((kind) => kind.id))) {
      counts[id] = 1 + (counts[id] ?? 0)
    }
  }
  return counts
}

const MOST_CLIENTS = 10

function decisionsOf({ walks, clients, undetermined }: Trial): Proposal['decisions'] {
  const ends: Record<string, number> = {}
  for (const { identity } of walks) ends[identity.reason] = 1 + (ends[identity.reason] ?? 0)
  const most = [...clients].sort(([, a], [, b]) => b - a).slice(0, MOST_CLIENTS)
  return {
    requests: walks.length,
    clients: clients.size,
    undetermined,
    most: most.map(([client, requests]) => ({ client, requests })),
    ends,
  }
}

const FORGED_EXAMPLES = 5

/** Requests with claims beyond the client decided: a forgery has no effect, and this shows it. */
function forgedOf({ walks }: Trial): Proposal['forged'] {
  const claiming = walks.filter(({ identity, ignored }) =>
    ignored.some(({ text }) => !identity.nodes.some((node) => text.includes(node))),
  )
  return {
    requests: claiming.length,
    examples: claiming.slice(0, FORGED_EXAMPLES).map(({ identity, ignored }) => ({
      peer: identity.peer,
      client: clientOf(identity),
      ignored: ignored.map(({ source, text }) => ({ source, text })),
    })),
  }
}
