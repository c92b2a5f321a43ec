import type { MarkdownRenderer } from 'vitepress'

/**
 * A head without words is none, and a screen reader would read it out for each cell. Wide tables
 * scroll sideways, which takes the focus where there is no pointer.
 */
export function readableTables(md: MarkdownRenderer): void {
  md.core.ruler.push('readable-tables', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'table_open') token.attrSet('tabindex', '0')
      const close = tokens[index + 2]
      if (token.type !== 'th_open' || tokens[index + 1]?.content !== '' || close === undefined)
        continue
      token.tag = 'td'
      close.tag = 'td'
    }
  })
}
