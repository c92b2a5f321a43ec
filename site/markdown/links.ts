import { relative } from 'node:path'
import type { MarkdownEnv, MarkdownRenderer } from 'vitepress'
import { resolveLink, root } from '../pages.ts'

/**
 * Pages link to each other, and to sources, as files of the repository. This turns these links into
 * addresses of the site, also in HTML, and has pictures in HTML found where the file lies.
 */
export function linksOfTheRepository(md: MarkdownRenderer): void {
  md.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
    const source = sourceOf(env)
    for (const token of tokens.flatMap((block) => [block, ...(block.children ?? [])])) {
      if (token.type === 'link_open') {
        token.attrSet('href', resolveLink(source, token.attrGet('href') ?? ''))
      }
      if (token.type.startsWith('html')) token.content = withRelativePictures(token.content)
    }
  })
}

/** The path of the page from the top of the repository. */
function sourceOf(env: MarkdownEnv): string {
  return relative(root, env.realPath ?? env.path).replaceAll('\\', '/')
}

/** Vite takes only what begins with a dot for a file. */
const withRelativePictures = (html: string): string =>
  html.replaceAll(/(<img\b[^>]*\bsrc=")(?![a-z]+:|[./])/g, '$1./')
