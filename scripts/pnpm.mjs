/** The pnpm that package.json names, for what it does itself. A clone needs Node and npm only. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const windows = process.platform === 'win32'

/** Arguments of `npx` that run it. */
export function pnpm(...args) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return ['--yes', packageManager.split('+')[0], ...args]
}

/** What it prints. */
export function pnpmOutput(...args) {
  return execFileSync('npx', pnpm(...args), {
    cwd: root,
    shell: windows,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
}

/** Options that leave what the published packages need at run time. Peers are the user's own. */
export const AT_RUN_TIME = ['--prod', '--filter=./packages/*']
