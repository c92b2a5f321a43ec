import { type LintFinding, lint, PolicyError, type PolicyProblem } from '@truehop/identity'
import { correctedText, placesIn, policyFromText } from '@truehop/identity/yaml'

/** A finding, and its file and place. */
export interface FileFinding extends Omit<LintFinding, 'code'> {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** A `LintCode`, or the `PolicyErrorCode` of a policy that is not valid. */
  readonly code: string
}

/** The findings of one file. What keeps its policy from starting is of severity `error`. */
export function lintText(file: string, text: string): FileFinding[] {
  try {
    const findings = lint(policyFromText(text, file))
    const placeOf = placesIn(text, file)
    return findings.map((finding) => ({ file, ...START, ...placeOf(finding.path), ...finding }))
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    return error.problems.map((problem) => fault(file, problem))
  }
}

const START = { line: 1, column: 1 } as const

function fault(file: string, problem: PolicyProblem): FileFinding {
  const { code, path, detail, place = START, correction } = problem
  return { file, ...place, code, severity: 'error', path, message: detail, correction }
}

/** A file's text after what has one right form was corrected, and what is left to find in it. */
export interface FixedText {
  readonly text: string
  readonly corrected: readonly FileFinding[]
  readonly findings: readonly FileFinding[]
}

/** A valid policy has findings of its own, so it takes a second look, and seldom a third. */
const MOST_LOOKS = 10

/** Corrects all that has one right form. */
export function fixText(file: string, text: string): FixedText {
  const corrected: FileFinding[] = []
  let findings = lintText(file, text)
  for (let look = 1; look < MOST_LOOKS; look++) {
    const next = correctedText(text, file, findings)
    if (next.corrected.length === 0) break
    corrected.push(...next.corrected)
    text = next.text
    findings = lintText(file, text)
  }
  return { text, corrected, findings }
}
