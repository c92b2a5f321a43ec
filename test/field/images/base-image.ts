import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { nodePath } from '../../packaging/node-versions.js'

const output = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' })

/**
 * Writes what stands for `node:24-slim`: a shell, Node 24, npm, which takes packages from the cache
 * that comes with it, and the user `node` of Docker's image.
 */
export async function writeBaseImage(folder: string, cache: string): Promise<void> {
  const node = await nodePath('24')
  const programs = { '/bin/sh': '/bin/sh', '/usr/bin/env': '/usr/bin/env' }
  for (const [from, to] of Object.entries({ ...programs, [node]: '/usr/local/bin/node' })) {
    put(from, join(folder, to))
    const libraries = output('ldd', from).matchAll(/(\/\S+\.so\S*)/g)
    for (const [, library = ''] of libraries) put(library, join(folder, library))
  }
  const npm = join(output('npm', 'root', '--global').trim(), 'npm')
  cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr/local/bin/npm'))
  for (const path of ['etc', 'tmp', 'root', 'usr/local/etc', 'home/node']) {
    mkdirSync(join(folder, path), { recursive: true })
  }
  chmodSync(join(folder, 'tmp'), 0o1777)
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0::/root:\nnode:x:1000:1000::/home/node:\n')
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
  cpSync(cache, join(folder, 'root/.npm'), { recursive: true })
  const registry = output('npm', 'config', 'get', 'registry').trim()
  writeFileSync(join(folder, 'usr/local/etc/npmrc'), `offline=true\nregistry=${registry}\n`)
}

function put(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}
