import type { MarkdownRenderer } from 'vitepress'
import { commonJsOf } from './common-js.ts'

type Token = ReturnType<MarkdownRenderer['parse']>[number]

/** A block of code under a tab. */
interface Tab {
  readonly title: string
  readonly language: string
  readonly text: string
}

const CODE = ['js', 'mjs', 'cjs', 'ts']

/** The comment in the first line that says which framework a block is for: `// Express: behind nginx`. */
const FRAMEWORK = /^\/\/ (Fastify|Express|NestJS)\b.*\n/

/**
 * Blocks of code that follow each other and begin with the name of a framework become tabs, and so
 * do the module forms of a program. On GitHub the same blocks stand below each other.
 */
export function tabs(md: MarkdownRenderer): void {
  md.core.ruler.push('tabs', (state) => {
    const { Token } = state
    const tokens: Token[] = []
    for (let at = 0; at < state.tokens.length; ) {
      const blocks = alternativesAt(state.tokens, at)
      const [first] = blocks
      const shown = blocks.flatMap(tabsOf)
      if (first === undefined || shown.length < 2) {
        tokens.push(...state.tokens.slice(at, at + 1))
        at++
        continue
      }
      tokens.push(new Token('container_code-group_open', 'div', 1))
      for (const { title, language, text } of shown) {
        const fence = new Token('fence', 'code', 0)
        fence.info = `${language} [${title}]`
        fence.content = text
        fence.markup = first.markup
        fence.map = first.map
        tokens.push(fence)
      }
      tokens.push(new Token('container_code-group_close', 'div', -1))
      at += blocks.length
    }
    state.tokens = tokens
  })
}

/** The block at a place, with those behind it that show the same for other frameworks. */
function alternativesAt(tokens: readonly Token[], at: number): Token[] {
  const found: Token[] = []
  for (const token of tokens.slice(at)) {
    if (token.type !== 'fence' || !CODE.includes(languageOf(token))) break
    const framework = frameworkOf(token)
    if (found.length > 0 && framework === undefined) break
    // A second block for the same one goes on with it.
    if (found.some((one) => frameworkOf(one) === framework)) break
    found.push(token)
    if (framework === undefined) break
  }
  return found
}

const frameworkOf = ({ content }: Token): string | undefined => FRAMEWORK.exec(content)?.[1]

const languageOf = ({ info }: Token): string => /^\w*/.exec(info)?.[0] ?? ''

/** A block under the name of its framework, once for each form that modules have. */
function tabsOf(token: Token): Tab[] {
  const language = languageOf(token)
  const framework = frameworkOf(token)
  const text = token.content
  const named = (form: string) => (framework === undefined ? form : `${framework}, ${form}`)
  if (language === 'cjs') return [{ title: named('CommonJS'), language: 'js', text }]
  if (language === 'ts') return [{ title: named('TypeScript'), language, text }]
  const other = commonJsOf(text)
  if (other === undefined) return [{ title: framework ?? 'ES module', language, text }]
  return [
    { title: framework ?? 'ES module, TypeScript', language, text },
    { title: named('CommonJS'), language, text: other },
  ]
}
