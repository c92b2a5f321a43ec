import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { codeBlocksOf, root } from '../../docs/code-blocks.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { type Service, startProgram } from '../../peers/harness/service.js'

/** What a page shows as files: blocks whose first line is a comment with nothing but a name. */
export function filesOf(page: string): Readonly<Record<string, string>> {
  const files = codeBlocksOf(page).flatMap(({ text }) => {
    const name = /^(?:\/\/|#) ([\w.-]+\.\w+)\n/.exec(text)?.[1]
    return name === undefined ? [] : [[name, text] as const]
  })
  return Object.fromEntries(files)
}

/** A folder that goes after the suite, from where programs find what the examples find. */
export function programFolder(): string {
  const folder = mkdtempSync(join(root, 'examples/.snippets-ways-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Puts the addresses of this machine in the place of those that a page shows. */
export function withReplaced(
  text: string,
  replacements: readonly (readonly [shown: string, here: string | number])[],
): string {
  return replacements.reduce((all, [shown, here]) => all.replaceAll(shown, String(here)), text)
}

/** Starts a program of a page, which accepts on the port when this resolves. */
export function startPageProgram(
  path: string,
  text: string,
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Service> {
  writeFileSync(path, text)
  const folder = temporaryFolder('way')
  const program = { path: process.execPath, args: [path], env, readyPort: port, folder }
  return startProgram({ ...program, patience: 60_000 })
}
