import type { SourceFile } from './source-file.js'

/**
 * The codes a file defines: the quoted words of `const …_CODES = […]`, of `type …Code = '…' | '…'`
 * and of `readonly code = '…'`.
 */
export function codesIn({ code }: SourceFile): string[] {
  return quotedWords(code, [
    /\bconst [A-Z_]*CODES\b[^=]*= \[[^\]]*\]/g,
    union(String.raw`\w*Code`),
    /\breadonly code = '[^']+'/g,
  ])
}

/** Why an identity or a refused connection is as it is: the words of the types that say so. */
export function reasonsIn({ code }: SourceFile): string[] {
  return quotedWords(code, [union('NodeFault|(?:Resolved|Undetermined|Refusal)Reason')])
}

/** A union type of that name, of quoted words, templates and names of other types. */
function union(name: string): RegExp {
  const member = "(?:'[^']+'|`[^`]+`|\\w+)"
  return new RegExp(`\\btype (?:${name}) =\\s*\\|?\\s*${member}(?:\\s*\\|\\s*${member})*`, 'g')
}

function quotedWords(code: string, patterns: readonly RegExp[]): string[] {
  const definitions = patterns.flatMap((pattern) => [...code.matchAll(pattern)])
  return definitions.flatMap(([text]) =>
    [...text.matchAll(/'([^']+)'/g)].map(([, word = '']) => word),
  )
}

/** The classes of errors in a file, abstract ones aside, and whether each has a code. */
export function errorClassesIn({ code }: SourceFile): { name: string; hasCode: boolean }[] {
  return [...code.matchAll(ERROR_CLASS)].map(([, name = '', body = '']) => ({
    name,
    hasCode: /\breadonly code(: \w+Code\b| = ')/.test(body),
  }))
}

const ERROR_CLASS = /(?<!abstract )\bclass (\w+) extends \w*Error\b([\s\S]*?\n\})/g

/** The words that headings of a Markdown text name: `## \`bad-cidr\`` or `### bad-cidr`. */
export function headingsIn(markdown: string): Set<string> {
  const headings = markdown.matchAll(/^#{2,5} (.+)$/gm)
  return new Set([...headings].flatMap((match) => (match[1] ?? '').split(/[`\s,]+/)))
}
