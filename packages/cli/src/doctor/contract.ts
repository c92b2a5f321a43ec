import { type Answer, alike, bare } from './answer.js'
import type { ProbeName } from './probe.js'

/** What a listener expects at the start of a connection. */
export interface Contract {
  /**
   * `none`: a header is no header to it. `optional`: served with and without one. `required`: only
   * with one. `unknown`: nothing was served.
   */
  readonly header: 'none' | 'optional' | 'required' | 'unknown'
  /** Versions of the header that it reads, ascending. */
  readonly versions: readonly (1 | 2)[]
  /**
   * `none`: no handshake goes through. `direct`: one goes through without a header. `inside`: only
   * behind a header.
   */
  readonly tls: 'none' | 'direct' | 'inside'
}

type Answers = ReadonlyMap<ProbeName, { readonly answer: Answer }>

/**
 * Concludes the contract. A header counts as read only where the listener treats the same bytes
 * with one of them changed otherwise: a server that answers 400 to both has taken neither for a
 * header, and one that serves both reads nothing at all.
 */
export function contractOf(answers: Answers): Contract {
  const answer = (name: ProbeName): Answer => answers.get(name)?.answer ?? bare('unreachable')
  const plain = answer('no-header')
  const control = (name: 'v1' | 'v2') => answer(`${name}-control`)
  const reads = (name: 'v1' | 'v2') =>
    isAnswered(answer(name)) &&
    control(name).kind !== 'unreachable' &&
    !alike(answer(name), control(name))
  const versions: (1 | 2)[] = [
    ...(reads('v1') ? [1 as const] : []),
    ...(reads('v2') ? [2 as const] : []),
  ]
  const tls =
    answer('tls').kind === 'tls'
      ? 'direct'
      : answer('header-tls').kind === 'tls'
        ? 'inside'
        : 'none'
  // A request that is treated as a broken header is was not served, whatever was answered.
  const refused =
    plain.kind === 'other' && versions.some((version) => alike(plain, control(`v${version}`)))
  const isPlain =
    isAnswered(plain) && !refused && (plain.status !== 400 || !alike(plain, answer('garbage')))
  const isCompared = (['v1', 'v2'] as const).every((name) => control(name).kind !== 'unreachable')
  if (!isCompared) return { header: 'unknown', versions, tls }
  if (versions.length > 0) return { header: isPlain ? 'optional' : 'required', versions, tls }
  return { header: isPlain ? 'none' : 'unknown', versions, tls }
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
    unknown: 'nothing was served',
  }
  const read = versions.length === 0 ? '' : ` (version ${versions.join(' and ')})`
  const inside = { none: '', direct: ', TLS', inside: ', TLS inside' }
  return `${headers[header]}${read}${inside[tls]}`
}
