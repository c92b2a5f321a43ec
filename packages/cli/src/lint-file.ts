import { readFileSync } from 'node:fs'
import { type LintFinding, lint, loadPolicy, PolicyError } from '@truehop/identity'
import { unreadable } from './file-bytes.js'
import { lineOfPath, repeatedNames } from './json-line.js'

/** What only the text of a policy shows, not the policy that is read from it. */
export type TextLintCode = 'repeated-name'

/** A finding, and where in which file. */
export interface FileFinding extends Omit<LintFinding, 'code'> {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** A `LintCode`, a `TextLintCode`, or the `PolicyErrorCode` of a policy that is none. */
  readonly code: string
}

/**
 * The findings of one file. A policy that would not start is one finding of severity `error`.
 *
 * @throws {UsageError} where the file cannot be read.
 */
export function lintFile(file: string): FileFinding[] {
  const text = readText(file)
  const findings = findingsOf(file).map((finding) => {
    return { file, line: lineOfPath(text, finding.path), ...finding }
  })
  const isJson = findings.every(({ code }) => code !== 'bad-file')
  return isJson ? [...repeatedIn(file, text), ...findings] : findings
}

const REPEATED =
  'is there more than once: the last one counts, and what stands in the others is read by nobody; leave one'

function repeatedIn(file: string, text: string): FileFinding[] {
  const code: TextLintCode = 'repeated-name'
  return repeatedNames(text).map(({ path, line }) => {
    return { file, line, code, severity: 'error', path, message: REPEATED }
  })
}

function findingsOf(file: string): Omit<FileFinding, 'file' | 'line'>[] {
  try {
    return lint(loadPolicy(file))
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    const { code, path, detail: message } = error
    return [{ code, severity: 'error', path, message }]
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}
