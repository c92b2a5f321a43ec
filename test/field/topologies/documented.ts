import { readFileSync } from 'node:fs'

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** The first block of a language on a page under docs/topologies. */
export function blockOfPage(page: string, language: string): string {
  const text = read(`docs/topologies/${page}.md`)
  const [, block] = new RegExp(`\`\`\`${language}\\n(.*?)\n\`\`\``, 's').exec(text) ?? []
  if (block === undefined) throw new Error(`${page}.md has no block of ${language}`)
  return block
}

/** The configuration in the comment on top of a program of examples/src, which is indented by four. */
export function blockOfExample(name: string): string {
  const [comment = ''] = read(`examples/src/${name}.ts`).split('*/', 1)
  const lines = comment.split('\n').filter((line) => line.startsWith(' *     '))
  const block = lines.map((line) => line.slice(7)).filter((line) => !line.startsWith('SOCKET='))
  if (block.length === 0) throw new Error(`examples/src/${name}.ts has no configuration`)
  return block.join('\n')
}

/** Replaces what is of another machine; throws where a text is not there, and the page has changed. */
export function replaced(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((done, [from, to]) => {
    if (!done.includes(from)) throw new Error(`no '${from}' in:\n${done}`)
    return done.replace(from, to)
  }, text)
}
