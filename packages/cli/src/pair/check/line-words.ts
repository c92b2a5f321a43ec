/** A line of a configuration as its words, numbered from 1. */
export interface Words {
  readonly line: number
  readonly words: readonly string[]
}

/** The lines of a haproxy.cfg or a Caddyfile: quotes and backslashes read, comments and empty lines left out. */
export function lineWords(text: string): Words[] {
  return text.split('\n').flatMap((line, index) => {
    const words = wordsIn(line)
    return words.length === 0 ? [] : [{ line: index + 1, words }]
  })
}

/** A quoted part, an escaped character, or anything that ends no word. */
const PART = /"((?:\\.|[^"\\])*)"|'([^']*)'|`([^`]*)`|\\(.)|([^\s"'`\\#]+)|(\s+)|(#)/gy

function wordsIn(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (const [, double, single, raw, escaped, plain, space, comment] of line.matchAll(PART)) {
    if (comment !== undefined) break
    if (space === undefined) {
      word = (word ?? '') + (double ?? single ?? raw ?? escaped ?? plain ?? '')
    } else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  return word === undefined ? words : [...words, word]
}
