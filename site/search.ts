/** What the search reads of a page, and how it ranks what it finds. */
import type { DefaultTheme } from 'vitepress'

export const searchOptions: DefaultTheme.LocalSearchOptions = {
  _render(text, env, md) {
    // Words are looked for, not colours: without this each block of code is highlighted twice.
    md.options.highlight = (code) => `<pre>${md.utils.escapeHtml(code)}</pre>`
    return md.render(text, env)
  },
  miniSearch: {
    searchOptions: {
      boost: { title: 4, titles: 2, text: 1 },
      prefix: true,
      // More would take 'versions' for 'sessions'.
      fuzzy: 0.15,
      boostDocument,
    },
  },
}

/**
 * Puts pages before what stands behind them, and first a page that is named after the word, or whose
 * name begins with it. Runs in the reader's browser, where it has nothing but its arguments.
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
