import type { NotUnderstood } from './sender.js'

/** A line of a configuration as its words, numbered from 1. */
export interface Words {
  readonly line: number
  readonly words: readonly string[]
  /** From a quote that nothing ends: it is not among the words. */
  readonly unread: string | undefined
}

/** The lines of a haproxy.cfg or a Caddyfile: quotes and backslashes read, comments and empty lines left out. */
export function lineWords(text: string): Words[] {
  return text.split('\n').flatMap((line, index) => {
    const { words, end } = wordsIn(line)
    const unread = end < line.length ? line.slice(end) : undefined
    const isEmpty = words.length === 0 && unread === undefined
    return isEmpty ? [] : [{ line: index + 1, words, unread }]
  })
}

/** Those of the lines that were read in part. */
export function unreadIn(lines: readonly Words[]): NotUnderstood[] {
  return lines.flatMap(({ line, words, unread }) =>
    unread === undefined ? [] : [{ place: String(line), text: [...words, unread].join(' ') }],
  )
}

/** A quoted part, an escaped character, or anything that ends no word. */
const PART = /"((?:\\.|[^"\\])*)"|'([^']*)'|`([^`]*)`|\\(.)|([^\s"'`\\#]+)|(\s+)|(#)/gy

/** `end`: how far it came. */
function wordsIn(line: string): { readonly words: readonly string[]; readonly end: number } {
  const words: string[] = []
  let word: string | undefined
  let end = 0
  for (const match of line.matchAll(PART)) {
    const [whole, double, single, raw, escaped, plain, space, comment] = match
    end = comment === undefined ? match.index + whole.length : line.length
    if (comment !== undefined) break
    if (space === undefined) {
      word = (word ?? '') + (double ?? single ?? raw ?? escaped ?? plain ?? '')
    } else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  return { words: word === undefined ? words : [...words, word], end }
}
