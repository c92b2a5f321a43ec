import { TruehopError } from '@truehop/ip'
import { placedMessage, printable } from '@truehop/ip/internal'
import type { Correction } from '@truehop/options'

/** Codes of `PolicyError`. A retired code is never used again. */
export const POLICY_ERROR_CODES = [
  'bad-policy',
  'unknown-option',
  'missing-hops',
  'bad-hops',
  'bad-name',
  'missing-from',
  'bad-from',
  'bad-cidr',
  'bad-prefix',
  'bad-asserts',
  'bad-header',
  'bad-form',
  'bad-count',
  'bad-required',
  'bad-original',
  'bad-max-hops',
  'bad-on-conflict',
  'bad-unmap',
  'bad-proxy-protocol',
  'bad-replacement',
  'bad-file',
  'repeated-name',
  'bad-environment',
  'no-equivalent',
  'bad-ranges',
  'bad-compare-with',
  'bad-on-undetermined',
  'bad-platform',
] as const

export type PolicyErrorCode = (typeof POLICY_ERROR_CODES)[number]

/** One thing that is wrong with a policy. */
export interface PolicyProblem {
  readonly code: PolicyErrorCode
  /** Where in the policy: `hops[1].from[0]`. Empty if it concerns the whole policy. */
  readonly path: string
  /** What is wrong and what to write instead. */
  readonly detail: string
  /** Where only one thing can be meant: of an unknown option its name, else the value. */
  readonly correction?: Correction | undefined
  /** Where in the file, both from 1; undefined for a policy that is not from a file. */
  readonly place?: Place | undefined
}

export interface Place {
  readonly line: number
  readonly column: number
}

/** Problems that a message lists; the error has them all. */
const MOST_LISTED = 20

/**
 * A policy that cannot be used. Thrown at start-up only; the message names each entry that is wrong
 * and says what to write instead.
 */
export class PolicyError extends TruehopError {
  override readonly name = 'PolicyError'
  /** The code of the first problem, like `path` and `detail`. */
  readonly code: PolicyErrorCode
  /** The message without file, path and code. */
  readonly detail: string
  /** Everything that is wrong, in the order of the file. */
  readonly problems: readonly PolicyProblem[]

  constructor(
    code: PolicyErrorCode,
    path: string,
    detail: string,
    file?: string,
    problems: readonly PolicyProblem[] = [{ code, path, detail }],
  ) {
    super(messageOf(problems, file), path)
    this.code = code
    this.detail = detail
    this.problems = problems
  }
}

interface Found {
  readonly code: string
  readonly path: string
  readonly message: string
  readonly place?: Place | undefined
  readonly correction?: Correction | undefined
}

/** One error for everything that was found wrong in a policy. */
export function policyError(
  found: readonly Found[],
  file?: string,
  placeOf?: PlaceOf,
): PolicyError {
  const problems = found.map(({ code: given, path, message: detail, place: known, correction }) => {
    const place = known ?? placeOf?.(path)
    const code = isPolicyErrorCode(given) ? given : 'bad-policy'
    return { code, path, detail, place, correction } as const
  })
  if (placeOf !== undefined) problems.sort(byPlace)
  const [first = { code: 'bad-policy', path: '', detail: 'is not valid' } as const] = problems
  return new PolicyError(first.code, first.path, first.detail, file, problems)
}

/** Where a path is written; undefined if it is not written anywhere. */
export type PlaceOf = (path: string) => Place | undefined

const START: Place = { line: 0, column: 0 }

function byPlace({ place: a = START }: PolicyProblem, { place: b = START }: PolicyProblem): number {
  return a.line - b.line || a.column - b.column
}

function isPolicyErrorCode(code: string): code is PolicyErrorCode {
  return POLICY_ERROR_CODES.some((known) => known === code)
}

function messageOf(problems: readonly PolicyProblem[], file: string | undefined): string {
  const listed = problems.slice(0, MOST_LISTED).map((problem) => lineOf(problem, file))
  const [first = ''] = listed
  if (problems.length < 2) return first
  const more = problems.length - listed.length
  return [
    `${file === undefined ? 'policy' : printable(file)}: ${problems.length} problems`,
    ...listed.map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n')
}

function lineOf({ code, path, detail, place }: PolicyProblem, file: string | undefined): string {
  const at = place === undefined ? '' : `:${place.line}:${place.column}`
  const parts = [file === undefined ? '' : `${file}${at}`, path].filter((part) => part !== '')
  return printable(placedMessage(parts.join(': '), 'policy', detail, code))
}
