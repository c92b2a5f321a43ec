import { type LintFinding, lint, PolicyError, policyFromText } from '@truehop/identity'
import { lineOfPath } from '../output/json-line.js'

/** A finding, and where in which file. */
export interface FileFinding extends Omit<LintFinding, 'code'> {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** A `LintCode`, or the `PolicyErrorCode` of a policy that is none. */
  readonly code: string
}

/** The findings of one file. What keeps its policy from starting is of severity `error`. */
export function lintText(file: string, text: string): FileFinding[] {
  return findingsOf(file, text).map((finding) => {
    return { file, line: lineOfPath(text, finding.path), ...finding }
  })
}

function findingsOf(file: string, text: string): Omit<FileFinding, 'file' | 'line'>[] {
  try {
    return lint(policyFromText(text, file))
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    const { code, path, detail: message } = error
    return [{ code, severity: 'error', path, message }]
  }
}
