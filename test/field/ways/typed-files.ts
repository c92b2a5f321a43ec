import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../docs/code-blocks.js'

const TSC = join(root, 'node_modules/typescript/bin/tsc')

/**
 * Writes a program in TypeScript beside what it is compiled to, an ES module, and returns that one's
 * path. Types are checked with all blocks of the pages, and not here.
 */
export function compiled(folder: string, name: string, text: string): string {
  const source = join(folder, `${name}.mts`)
  writeFileSync(source, text)
  const target = ['--target', 'es2023', '--module', 'nodenext', '--ignoreConfig']
  const decorators = ['--experimentalDecorators', '--emitDecoratorMetadata']
  const options = ['--noCheck', ...target, ...decorators, source]
  execFileSync(process.execPath, [TSC, ...options], { cwd: folder, stdio: 'pipe' })
  return join(folder, `${name}.mjs`)
}
