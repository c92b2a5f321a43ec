import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a Markdown page. */
export interface CodeBlock {
  /** From the top of the workspace: `docs/policy.md`. */
  readonly page: string
  /** The line of the page that the text begins on, counted from 1. */
  readonly line: number
  /** The first word after the fence: `js`. */
  readonly language: string
  /** Why it cannot run without something else, after `no-run:` in the fence's line. */
  readonly noRun: string | undefined
  readonly text: string
}

/** Every page that readers get, whichever folder of docs it stands in. */
export const pages: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...pagesUnder('docs'),
  ...readdirSync(join(root, 'packages')).flatMap((name) => pagesUnder(`packages/${name}`, false)),
].sort()

function pagesUnder(folder: string, recursive = true): string[] {
  return readdirSync(join(root, folder), { recursive, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

export function codeBlocksOf(page: string): CodeBlock[] {
  return codeBlocksIn(page, readFileSync(join(root, page), 'utf8'))
}

export function codeBlocksIn(page: string, markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { fence: string; info: string; from: number } | undefined
  const lines = markdown.split('\n')
  for (const [index, line] of lines.entries()) {
    const [, fence, info = ''] = /^ *(`{3,})\s*(.*)$/.exec(line) ?? []
    if (fence === undefined) continue
    if (open === undefined) {
      open = { fence, info, from: index + 1 }
    } else if (fence === open.fence && info === '') {
      blocks.push(block(open, index))
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.from}: the code block has no end`)
  return blocks

  function block({ info, from }: { info: string; from: number }, to: number): CodeBlock {
    return {
      page,
      line: from + 1,
      language: /^\w*/.exec(info)?.[0] ?? '',
      noRun: /\bno-run:\s*(.*)$/.exec(info)?.[1]?.trim(),
      text: lines.slice(from, to).join('\n'),
    }
  }
}

/** The blocks of all pages in one of these languages. */
export function codeBlocks(...languages: readonly string[]): CodeBlock[] {
  return pages.flatMap(codeBlocksOf).filter(({ language }) => languages.includes(language))
}
