import { describe, expect, test } from 'vitest'
import { packages, sourcesOf } from './source-file.js'

/** Words that make a reader stop, and what to write instead. */
const STILTED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bwhole numbers?\b/, 'integer'],
  [/(?<!\bthere )\bis no (?!longer\b|more\b|less\b)\w+/i, 'is not a, is not an'],
  [/\bno such option\b/, 'unknown option; expected one of'],
  [/\b(?:text|list|header|file|program)s? of others\b/, 'foreign, other'],
  [/\bby nobody\b/, 'is not'],
  [/\b(?:is|are) told (?:of|that|nothing)\b/, 'is given, gets'],
]

/** The string literals of a file, each on one line, as they are written. */
const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g

function stiltedIn(code: string): string[] {
  const literals = [...code.matchAll(LITERAL)].map(([literal]) => literal)
  return STILTED.flatMap(([pattern, instead]) =>
    literals
      .filter((literal) => pattern.test(literal))
      .map((literal) => `${literal}: write '${instead}'`),
  )
}

describe('messages say what they say in plain words', () => {
  test.each(packages)('%s', (name) => {
    const found = sourcesOf(name).flatMap(({ path, code }) =>
      stiltedIn(code).map((finding) => `${path}: ${finding}`),
    )
    expect(found).toEqual([])
  })

  test.each([
    'must be a whole number from 1 to 64',
    'its first message is no object',
    'no such option; there are: allow, deny',
    'what stands in the others is read by nobody',
  ])("'%s' would be found", (message) => {
    expect(stiltedIn(`throw new Error("${message}")`)).toHaveLength(1)
  })

  test.each(['there is no address left', 'the file is no longer there'])(
    "'%s' is plain enough",
    (message) => expect(stiltedIn(`throw new Error("${message}")`)).toEqual([]),
  )
})
