import { TruehopError } from '@truehop/ip'
import { placedMessage, printable } from '@truehop/ip/internal'

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

/**
 * A policy that cannot be used. Thrown at start-up only; the message names the entry and says
 * what to write instead.
 */
export class PolicyError extends TruehopError {
  override readonly name = 'PolicyError'
  readonly code: PolicyErrorCode
  /** The message without file, path and code. */
  readonly detail: string

  constructor(code: PolicyErrorCode, path: string, detail: string, file?: string) {
    const place = [file, path].filter((part) => part !== undefined && part !== '').join(': ')
    super(printable(placedMessage(place, 'policy', detail, code)), path)
    this.code = code
    this.detail = detail
  }
}
