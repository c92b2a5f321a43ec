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
  'bad-count',
  'bad-required',
  'bad-original',
  'bad-max-hops',
  'bad-on-conflict',
  'bad-proxy-protocol',
  'bad-replacement',
  'bad-file',
  'bad-environment',
  'no-equivalent',
  'bad-ranges',
  'bad-compare-with',
  'bad-on-undetermined',
] as const

// biome-ignore lint/suspicious/noControlCharactersInRegex: the ones that are shown as \u001b
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g

export type PolicyErrorCode = (typeof POLICY_ERROR_CODES)[number]

/**
 * A policy that cannot be used. Thrown at start-up only; the message names the entry and says
 * what to write instead.
 */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: PolicyErrorCode
  /** Where in the policy: `hops[1].from[0]`. Empty for the policy itself. */
  readonly path: string
  /** The message without file, path and code. */
  readonly detail: string

  constructor(code: PolicyErrorCode, path: string, detail: string, file?: string) {
    const place = [file, path].filter((part) => part !== undefined && part !== '').join(': ')
    super(visible(`${place === '' ? 'policy' : place}: ${detail} [${code}]`))
    this.code = code
    this.path = path
    this.detail = detail
  }
}

/** What a policy holds must not move the cursor of the terminal that shows the message. */
function visible(text: string): string {
  return text.replace(CONTROLS, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
