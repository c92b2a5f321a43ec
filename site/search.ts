/** What the search reads of a page, and how it ranks what it finds. */
import type { DefaultTheme } from 'vitepress'
import { wordsFor } from './words.ts'

/** A section of a page, as VitePress hands it to the search. */
interface Section {
  /** Its address, with the base of the site. */
  readonly id: string
  readonly title: string
  readonly titles: readonly string[]
  readonly text: string
}

/** The settings of a site that is served below `base`. */
export function searchOptions(base: string): DefaultTheme.LocalSearchOptions {
  return {
    _render(text, env, md) {
      // Words are looked for, not colours: without this each block of code is highlighted twice.
      md.options.highlight = (code) => `<pre>${md.utils.escapeHtml(code)}</pre>`
      return md.render(text, env)
    },
    miniSearch: {
      options: indexing(base),
      searchOptions: {
        boost: { words: 12, title: 4, titles: 2, text: 1 },
        prefix: true,
        // More would take 'versions' for 'sessions'.
        fuzzy: 0.15,
        tokenize: phrasesIn,
        boostDocument,
      },
    },
  }
}

/** Beside the fields that VitePress has, the words that readers use for the section. */
function indexing(base: string) {
  return {
    fields: ['title', 'titles', 'text', 'words'],
    // Runs here only: the reader's browser gets what it made.
    extractField: (section: Section & Record<string, unknown>, field: string) =>
      field === 'words' ? wordsOf(section, base) : section[field],
    tokenize: wordsIn,
  }
}

function wordsOf({ id, titles }: Section, base: string): string {
  return wordsFor(`/${id.slice(base.length)}`, titles.length === 0)
}

// What follows runs in the reader's browser, where it has nothing but its arguments.

/** The words of a text; of the field `words` the phrases that stand there, one a line. */
function wordsIn(text: string, field?: string): string[] {
  const mark = /[\n\r\p{Z}\p{P}]+/u
  if (field !== 'words') return text.split(mark)
  return text.split('\n').map((line) => line.split(mark).join(' '))
}

/** The words of what a reader typed, and what up to four of them say together. */
function phrasesIn(text: string): string[] {
  const words = text.split(/[\n\r\p{Z}\p{P}]+/u).filter((word) => word !== '')
  const lengths = [1, 2, 3, 4].filter((length) => length <= words.length)
  return lengths.flatMap((length) =>
    words.slice(length - 1).map((_, at) => words.slice(at, at + length).join(' ')),
  )
}

/**
 * Puts pages before what stands behind them, and first a page that is named after the word, or whose
 * name begins with it.
 */
function boostDocument(id: string, term: string, stored: Record<string, unknown> = {}): number {
  const background =
    /\/(reference|errors|changelog|interop|deviations|benchmarks|architecture|testing|security|contributing|dependencies|packages|topologies)\b(?!-)/
  if (background.test(id)) return 0.25
  const { title, titles } = stored
  const above = Array.isArray(titles) ? titles : []
  const page = String(above[0] ?? title).toLowerCase()
  const named = page === term ? 2 : page.startsWith(`${term} `) ? 1.5 : 1
  return (above.length === 0 ? 2 : 1) * named
}
