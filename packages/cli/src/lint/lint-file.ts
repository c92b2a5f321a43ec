import {
  type LintFinding,
  lint,
  PolicyError,
  type PolicyProblem,
  placesIn,
  policyFromText,
} from '@truehop/identity'

/** A finding, and its file and place. */
export interface FileFinding extends Omit<LintFinding, 'code'> {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** A `LintCode`, or the `PolicyErrorCode` of an invalid policy. */
  readonly code: string
}

/** The findings of one file. What keeps its policy from starting is of severity `error`. */
export function lintText(file: string, text: string): FileFinding[] {
  try {
    const findings = lint(policyFromText(text, file))
    const placeOf = placesIn(text)
    return findings.map((finding) => ({ file, ...START, ...placeOf(finding.path), ...finding }))
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    return error.problems.map((problem) => fault(file, problem))
  }
}

const START = { line: 1, column: 1 } as const

function fault(file: string, { code, path, detail, place = START }: PolicyProblem): FileFinding {
  return { file, ...place, code, severity: 'error', path, message: detail }
}
