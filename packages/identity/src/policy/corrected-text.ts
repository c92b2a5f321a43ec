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
    const edit =
      written &&
      editFor(finding, written, (span, instead) =>
        inTheFormOf(text.charAt(span.start), instead, format),
      )
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
  inForm: (span: Span, instead: string) => string,
): Edit | undefined {
  if (correction === undefined) return undefined
  const { written, instead } = correction
  if (code === 'unknown-option') {
    return name?.text === written ? { span: name, instead: inForm(name, instead) } : undefined
  }
  // The name of a header is read in any case.
  const isThere = typeof plain === 'string' && plain.toLowerCase() === written.toLowerCase()
  return isThere ? { span: value, instead: inForm(value, instead) } : undefined
}

/** Quoted as what it replaces was; `first` is the first character of that. */
function inTheFormOf(first: string, instead: string, format: PolicyText['format']): string {
  if (first === "'" && !instead.includes("'")) return `'${instead}'`
  const isPlain = format === 'YAML' && first !== '"' && NEEDS_NO_QUOTES.test(instead)
  return isPlain ? instead : JSON.stringify(instead)
}

/**
 * In YAML: a word, an address or a prefix that begins and ends in a letter or digit, and is not a
 * number.
 */
const NEEDS_NO_QUOTES = /^(?![\d.]+$)[a-z\d][\w./:-]*[a-z\d]$/i
