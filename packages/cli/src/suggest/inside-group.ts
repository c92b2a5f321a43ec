import type { Evidence } from '@truehop/identity'
import { allOf, anyOf, counted } from '../output/counted.js'
import { type Candidate, candidatesOf } from './candidates.js'
import { type Extended, extend, whoElse } from './extend.js'
import { countWith, type Group, isAlways, nameOf } from './group.js'
import { CLAIMS, hasEvidence, textOf } from './headers.js'
import { areGateways } from './known-platform.js'
import type { PeerKinds } from './peer-kind.js'
import type { Answers, Entry, Finding, Question } from './proposal.js'
import { clientOf, type Trial } from './trial.js'

/**
 * What peers show that no host on the internet can be: private addresses, a Unix socket, an event,
 * own proxies. One of their headers is believed if it is on **every** request: what a hop writes it
 * writes each time, and what clients write is missing with those who do not forge. That holds as
 * long as one honest request is in the sample, however many an attacker sends.
 */
export function judgeInside(group: Group, answers: Answers, kinds: PeerKinds): Finding {
  if (group.samples.length === 0) return onlyProbes(group)
  const refused: Question[] = []
  for (const candidate of candidatesOf(group, answers)) {
    const tried = extend(candidate.entries, group.samples, kinds)
    const why = refusal(candidate, tried.trial, group, answers)
    const blocking = tried.questions.filter(({ blocks }) => blocks)
    if (why === undefined && blocking.length === 0) {
      return accepted(candidate, tried, group, answers, kinds)
    }
    refused.push(...(blocking.length > 0 || why === undefined ? blocking : [why]))
  }
  if (areGateways(group.peers)) return addressLost(group)
  const { platform } = answers
  const unasked = platform === undefined ? notAlways(group) : doesNotFit(platform, group)
  const questions = refused.length > 0 ? refused : [unasked]
  return { entries: [], reasons: [], questions: questions.slice(0, 3) }
}

/** Two clients: a single one may be the hop itself. */
const LEAST_CLIENTS = 2

function refusal(
  { header, isNamed = false }: Candidate,
  { clients, undetermined, walks }: Trial,
  group: Group,
  { forged }: Answers,
): Question | undefined {
  if (walks.some(({ identity }) => forged.includes(clientOf(identity) ?? ''))) {
    return {
      code: 'forgery-believed',
      text: `${header} from ${nameOf(group)} names the address that a test request forged: the hop hands on what the client wrote`,
      answer: `Have the hop overwrite or append ${header}, and record again`,
      blocks: true,
    }
  }
  if (clients.size >= (isNamed ? 1 : LEAST_CLIENTS)) return undefined
  const [client] = clients.keys()
  return {
    code: 'one-client',
    text:
      client === undefined || undetermined > 0
        ? `${header} from ${nameOf(group)} names nobody on ${undetermined} of ${counted(walks.length, 'request')}`
        : `By ${header} from ${nameOf(group)} ${allOf(walks.length, 'request')} ${walks.length === 1 ? 'comes' : 'come'} from ${client}: is that one visitor, or a balancer of yours?`,
    answer: `Record requests from at least two networks, such as an office and a phone${client === undefined ? '' : `; if ${client} is a balancer of yours, write --own ${client}`}`,
    blocks: true,
  }
}

function accepted(
  { entries, header, reason }: Candidate,
  tried: Extended,
  group: Group,
  answers: Answers,
  kinds: PeerKinds,
): Finding {
  const from = entries.flatMap((entry) => entry.from ?? [])
  const places = from.length > 0 ? from : [nameOf(group)]
  const isOwn = group.kind.is === 'own'
  return {
    entries: asRender(tried, group, kinds) ?? tried.entries,
    reasons: [reason, ...tried.reasons, ...passedOn(header, tried.trial, group.samples)],
    questions: [
      ...(isOwn ? [] : [whoElse(places, header)]),
      ...(isProven(tried.trial, group.samples, answers) ? [] : [writesIt(header)]),
      ...tried.questions,
    ],
  }
}

/** Render's proxies are private nodes and Cloudflare: its platform names all of them. */
function asRender(
  { entries, trial }: Extended,
  { samples }: Group,
  kinds: PeerKinds,
): Entry[] | undefined {
  const [first, ...others] = entries
  const isList = first !== undefined && 'asserts' in first && first.asserts === 'x-forwarded-for'
  const isCloudflare = others.some(
    (entry) => 'platform' in entry && entry.platform === 'cloudflare',
  )
  if (!isList || !isCloudflare || !isAlways(samples, 'cf-connecting-ip')) return undefined
  if (others.length < 2 && !isAlways(samples, 'rndr-id')) return undefined
  const nodes = trial.walks.flatMap(({ identity }) => identity.nodes.slice(1))
  const areRenders = nodes.every((node) => ['10.0.0.0/8', 'cloudflare'].includes(kinds.of(node).id))
  return areRenders ? [{ platform: 'render' }] : undefined
}

/** A test request whose forged address came through, and was not believed. */
function isProven({ walks }: Trial, samples: readonly Evidence[], { forged }: Answers): boolean {
  return samples.some((evidence, at) => {
    const identity = walks[at]?.identity
    const texts = CLAIMS.map((name) => textOf(evidence, name) ?? '')
    const came = forged.some((address) => texts.some((text) => text.includes(address)))
    return came && identity !== undefined && !forged.includes(clientOf(identity) ?? '')
  })
}

/** The test that settles who writes a header. The address is one of documentation, RFC 5737. */
function writesIt(header: string): Question {
  const send =
    header === 'proxy-protocol'
      ? 'curl --haproxy-protocol --haproxy-clientip 192.0.2.66 URL'
      : `curl -H '${header}: ${header === 'forwarded' ? 'for=192.0.2.66' : '192.0.2.66'}' URL`
  return {
    code: 'writes-it',
    text: `Does the hop write ${header} itself? A sample in which every client forged it would look the same`,
    answer: `Send ${send} from outside, add it to the record, and run this again with --forged 192.0.2.66`,
    blocks: false,
  }
}

/** Headers that name another client on some requests: those are the clients' own. */
function passedOn(header: string, { walks }: Trial, samples: readonly Evidence[]): string[] {
  const others = CLAIMS.filter((name) => name !== header && name !== 'proxy-protocol')
  return others.flatMap((name) => {
    const differing = samples.filter((evidence, at) => {
      const text = textOf(evidence, name)
      const nodes = walks[at]?.identity.nodes ?? []
      return text !== undefined && !nodes.some((node) => text.includes(node))
    }).length
    if (differing === 0) return []
    return [
      `${name} names somebody else on ${differing} of ${counted(samples.length, 'request')}, and is not read`,
    ]
  })
}

function onlyProbes(group: Group): Finding {
  return {
    entries: [],
    reasons: [],
    questions: [
      {
        code: 'no-requests',
        text: `From ${group.kind.id} there are only health checks, ${group.probes} of them`,
        answer: 'Record requests of visitors',
        blocks: true,
      },
    ],
  }
}

function addressLost(group: Group): Finding {
  return {
    entries: [{ platform: 'docker' }],
    reasons: [
      `the peers are gateways of Docker's bridges, and no header is on ${allOf(group.samples.length, 'request')}: the client's address is lost before it reaches the service, so those requests are undetermined`,
    ],
    questions: [
      {
        code: 'address-lost',
        text: "Can the port be published without Docker's userland proxy? Nothing in the service can bring the address back",
        answer: 'See docs/platforms/docker.md',
        blocks: false,
      },
    ],
  }
}

function doesNotFit(platform: string, group: Group): Question {
  return {
    code: 'platform-does-not-fit',
    text: `No header that ${platform} writes is on ${anyOf(group.samples.length, 'request')} from ${nameOf(group)}. Does it stand in front?`,
    answer: `See docs/platforms/${platform}.md for what it has to be told, or leave --platform out`,
    blocks: true,
  }
}

function notAlways(group: Group): Question {
  const { samples, peers } = group
  const [most] = CLAIMS.map((header) => ({ header, count: countWith(samples, header) })).sort(
    (a, b) => b.count - a.count,
  )
  const { header = '', count = 0 } = most ?? {}
  const without = new Set(
    samples.flatMap((e) => (hasEvidence(e, header) || e.peer === undefined ? [] : [e.peer])),
  )
  return {
    code: 'not-always',
    text: whatIsMissing(group, header, count, [...without]),
    answer:
      peers.size > 1
        ? 'Name the proxies among them with --own ADDRESS, or what stands in front with --platform ID'
        : 'If it is a proxy, have it write the header; or name what stands in front with --platform ID',
    blocks: true,
  }
}

/** `count` requests have the header; the peers without it are `silent`. */
function whatIsMissing(
  group: Group,
  header: string,
  count: number,
  silent: readonly string[],
): string {
  const all = group.samples.length
  const place = nameOf(group)
  if (count === 0) {
    return `No client is named on ${anyOf(all, 'request')} from ${place}. Is that a proxy, or a client of its own?`
  }
  const share = `${header} is on ${count} of ${all} requests from ${place}`
  if (count === all) {
    return `${share}, and proxies hand it on as a client wrote it. Which header does the hop write itself?`
  }
  return `${share}, and missing on others from ${silent.slice(0, 3).join(', ')}: what a hop writes is on all of them. Who are the peers without it?`
}
