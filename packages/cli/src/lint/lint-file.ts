import { readFileSync } from 'node:fs'
import { type LintFinding, lint, loadPolicy, PolicyError } from '@truehop/identity'
import { unreadable } from '../evidence/file-bytes.js'
import { lineOfPath } from '../output/json-line.js'

/** A finding, and where in which file. */
export interface FileFinding extends Omit<LintFinding, 'code'> {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** A `LintCode`, or the `PolicyErrorCode` of a policy that is none. */
  readonly code: string
}

/**
 * The findings of one file. A policy that would not start is one finding of severity `error`.
 *
 * @throws {UsageError} where the file cannot be read.
 */
export function lintFile(file: string): FileFinding[] {
  const text = readText(file)
  return findingsOf(file).map((finding) => {
    return { file, line: lineOfPath(text, finding.path), ...finding }
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
