import type { Correction } from '@truehop/options'
import type { PolicyText, ReadPolicyText } from './policy-text.js'
import { type Span, type Written, writtenAt } from './written-places.js'

/** A finding of `lint`, or a problem of a `PolicyError`. */
export interface Correctable {
  readonly path: string
  readonly code: string
  readonly correction?: Correction | undefined
}

/** A policy file's text after some of its findings were corrected. */
export interface CorrectedText<F> {
  readonly text: string
  /** Findings that this text no longer has. */
  readonly corrected: readonly F[]
}

/**
 * The text with the corrections of its findings made. Everything else stays as written, including
 * comments and white space. A correction is skipped if the text does not say what the finding is
 * about.
 */
export function correctText<F extends Correctable>(
  text: string,
  name: string,
  findings: readonly F[],
  read: ReadPolicyText,
): CorrectedText<F> {
  const { format, places } = read(text, name)
  const edits = findings.flatMap((finding) => {
    const written = writtenAt(places, finding.path)
    const edit = written && editFor(finding, written, format)
    return edit === undefined ? [] : [{ finding, ...edit }]
  })
  // From the end, so that the offsets of those before stay right.
  edits.sort((a, b) => b.span.start - a.span.start)
  const mended = edits.reduce((before, { span: { start, end }, instead }) => {
    return before.slice(0, start) + instead + before.slice(end)
  }, text)
  return { text: mended, corrected: edits.map(({ finding }) => finding).reverse() }
}

interface Edit {
  readonly span: Span
  readonly instead: string
}

function editFor(
  { code, correction }: Correctable,
  { name, value, plain }: Written,
  format: PolicyText['format'],
): Edit | undefined {
  if (correction === undefined) return undefined
  const { written, instead } = correction
  const quoted =
    format === 'YAML' && NEEDS_NO_QUOTES.test(instead) ? instead : JSON.stringify(instead)
  if (code === 'unknown-option') {
    return name?.text === written ? { span: name, instead: quoted } : undefined
  }
  // The name of a header is read in any case.
  const isThere = typeof plain === 'string' && plain.toLowerCase() === written.toLowerCase()
  return isThere ? { span: value, instead: quoted } : undefined
}

/**
 * In YAML: a word, an address or a prefix that begins and ends in a letter or digit, and is not a
 * number.
 */
const NEEDS_NO_QUOTES = /^(?![\d.]+$)[a-z\d][\w./:-]*[a-z\d]$/i
