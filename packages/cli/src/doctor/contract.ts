import { type Answer, alike, bare, isRefusal } from './answer.js'
import type { ProbeName } from './probe.js'

/** What a listener expects at the start of a connection. */
export interface Contract {
  /**
   * `none`: it does not read headers. `optional`: served with and without one. `required`: only
   * with one. `unknown`: nothing was served, or there is nothing to compare the answers with.
   */
  readonly header: 'none' | 'optional' | 'required' | 'unknown'
  /** Versions of the header that it reads, ascending. */
  readonly versions: readonly (1 | 2)[]
  /**
   * `none`: no handshake succeeds. `direct`: one succeeds without a header. `inside`: only after a
   * header. `unknown`: one got no connection.
   */
  readonly tls: 'none' | 'direct' | 'inside' | 'unknown'
}

type Answers = ReadonlyMap<ProbeName, { readonly answer: Answer }>

/**
 * What a verdict is based on: each kind of header and, as its control, the same bytes with one of
 * them changed; a request without a header.
 */
const COMPARED = ['no-header', 'v1', 'v1-control', 'v2', 'v2-control'] as const

/** Those of them that got no connection: without one there is no verdict. */
export function uncompared(answers: Answers): ProbeName[] {
  return COMPARED.filter((name) => isMissing(answers, name))
}

/**
 * Those that got nothing in time where the verdict would rest on it: a header whose control was not
 * left waiting, and a control beside which a request without a header was answered. Behind a required
 * header that request is left waiting as well, and silence is how the listener refuses.
 */
export function unheard(answers: Answers): ProbeName[] {
  const plain = answerIn(answers, 'no-header')
  const pairs = ([1, 2] as const).flatMap((version) => {
    const [name, control] = [`v${version}`, `v${version}-control`] as const
    // Two that are silent are treated alike, and a header that is refused needs no control.
    if (isSilent(answers, name)) return isSilent(answers, control) ? [] : [name]
    const isAwaited = isSilent(answers, control) && isAnswered(answerIn(answers, name))
    return isAwaited && isAnswered(plain) ? [control] : []
  })
  return plain.status === 400 && isSilent(answers, 'garbage') ? [...pairs, 'garbage'] : pairs
}

/**
 * Concludes the contract. A header counts as read only if the listener treats the same bytes with
 * one of them changed differently: a server that answers 400 to both has taken neither for a
 * header, and one that serves both reads nothing at all.
 */
export function contractOf(answers: Answers): Contract {
  const versions = ([1, 2] as const).filter((version) => isRead(answers, version))
  const tls = tlsOf(answers)
  const undecided = [...uncompared(answers), ...unheard(answers)]
  if (undecided.length > 0) return { header: 'unknown', versions, tls }
  const isPlain = isServedPlain(answers, versions)
  if (versions.length > 0) return { header: isPlain ? 'optional' : 'required', versions, tls }
  return { header: isPlain ? 'none' : 'unknown', versions, tls }
}

function isRead(answers: Answers, version: 1 | 2): boolean {
  const answer = answerIn(answers, `v${version}`)
  const control = answerIn(answers, `v${version}-control`)
  const isCompared =
    control.kind !== 'unreachable' && !unheard(answers).includes(`v${version}-control`)
  return isAnswered(answer) && isCompared && !alike(answer, control)
}

function tlsOf(answers: Answers): Contract['tls'] {
  if (answerIn(answers, 'tls').kind === 'tls') return 'direct'
  if (answerIn(answers, 'header-tls').kind === 'tls') return 'inside'
  const isUnknown = isMissing(answers, 'tls') || isMissing(answers, 'header-tls')
  return isUnknown ? 'unknown' : 'none'
}

/** Whether a request without a header was served, rather than only answered. */
function isServedPlain(answers: Answers, versions: readonly (1 | 2)[]): boolean {
  const plain = answerIn(answers, 'no-header')
  if (!isAnswered(plain) || isRefusal(plain)) return false
  // Treated like a broken header, whatever was answered.
  const isLikeBroken = versions.some((version) =>
    alike(plain, answerIn(answers, `v${version}-control`)),
  )
  if (plain.kind === 'other') return !isLikeBroken
  // A server answers 400 to a request, and a parser to bytes that are not a request.
  return plain.status !== 400 || isUnlikeGarbage(answers, plain)
}

function isUnlikeGarbage(answers: Answers, plain: Answer): boolean {
  return !isMissing(answers, 'garbage') && !alike(plain, answerIn(answers, 'garbage'))
}

function answerIn(answers: Answers, name: ProbeName): Answer {
  return answers.get(name)?.answer ?? bare('unreachable')
}

function isMissing(answers: Answers, name: ProbeName): boolean {
  return answerIn(answers, name).kind === 'unreachable'
}

function isSilent(answers: Answers, name: ProbeName): boolean {
  return answerIn(answers, name).kind === 'silent'
}

export function isAnswered({ kind }: Answer): boolean {
  return kind === 'http' || kind === 'other'
}

/** The contract in words. */
export function contractText({ header, versions, tls }: Contract): string {
  const headers = {
    none: 'no PROXY header',
    optional: 'PROXY header optional',
    required: 'PROXY header required',
    unknown: 'no verdict',
  }
  const read = versions.length === 0 ? '' : ` (version ${versions.join(' and ')})`
  const inside = { none: '', direct: ', TLS', inside: ', TLS inside', unknown: '' }
  return `${headers[header]}${read}${inside[tls]}`
}
