import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pages } from '../docs/code-blocks.js'
import { packages, root, sourcesOf } from './source-file.js'

/** Words that make a reader stop, and what to write instead. */
const STILTED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bwhole numbers?\b/, 'integer'],
  [/\bliving ranges?\b/, 'live ranges'],
  [/\bwhat becomes? of\b/i, 'what happens to'],
  [/, at (?:most|least)\.(?:['"`]|$)/, 'maximum number of …, minimum number of …'],
  [/\bmust (?:not )?hold\b/, 'must contain'],
  [/\b(?:an entry|a limit|a form|a file) of its own\b/, 'a separate, its own'],
  [/\badmits? [^.;]{1,40} alone\b/, 'allows only'],
  [/\b(?:may|must) stand beside\b/, 'may be given too, must not be combined with'],
  [/\bpass(?:es)? over holes\b/, 'skips holes'],
  [/(?<!\bthere )\bis no (?!longer\b|more\b|less\b|reason\b|way\b)\w+/i, 'is not a, is not an'],
  [/\bno such option\b/, 'unknown option; expected one of'],
  [/\b(?:text|list|header|file|program)s? of others\b/, 'foreign, other'],
  [/\bby nobody\b/, 'is not'],
  [/\b(?:is|are) told (?:of|that|nothing)\b/, 'is given, gets'],
]

/** The string literals of a file, each on one line, as they are written. */
const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/ .*/g

/** The comments of a file as running text: a sentence may go on in the next line. */
function commentsIn(text: string): string[] {
  return [...text.matchAll(COMMENT)].map(([comment]) => comment.replaceAll(/\s*\n\s*\*? ?/g, ' '))
}

function literalsIn(code: string): string[] {
  return [...code.matchAll(LITERAL)].map(([literal]) => literal)
}

function stiltedIn(texts: readonly string[]): string[] {
  return STILTED.flatMap(([pattern, instead]) =>
    texts
      .filter((text) => pattern.test(text))
      .map((text) => `${text.slice(0, 200)}: write '${instead}'`),
  )
}

describe('messages, comments and pages say what they say in plain words', () => {
  test.each(packages)('%s', (name) => {
    const found = sourcesOf(name).flatMap(({ path, code, text }) =>
      stiltedIn([...literalsIn(code), ...commentsIn(text)]).map((finding) => `${path}: ${finding}`),
    )
    expect(found).toEqual([])
  })

  test.each(pages)('%s', (page) => {
    const paragraphs = readFileSync(join(root, page), 'utf8').split(/\n\s*\n/)
    expect(stiltedIn(paragraphs.map((text) => text.replaceAll('\n', ' ')))).toEqual([])
  })

  test.each([
    'must be a whole number from 1 to 64',
    'its first message is no object',
    'no such option; there are: allow, deny',
    'what stands in the others is read by nobody',
    'Headers in a row on one connection, at most.',
    'write each prefix as an entry of its own',
    'A NetworkPolicy that admits the gateway alone.',
  ])("'%s' would be found", (message) => {
    expect(stiltedIn(literalsIn(`throw new Error("${message}")`))).toHaveLength(1)
  })

  test.each(['there is no address left', 'the file is no longer there'])(
    "'%s' is plain enough",
    (message) => expect(stiltedIn(literalsIn(`throw new Error("${message}")`))).toEqual([]),
  )
})
