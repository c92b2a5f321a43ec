import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Installs the packages of a project a second time below it, under another version: what a package
 * manager does where two dependencies ask for versions that do not go together.
 */
export async function addOlderVersion(project: string, version: string): Promise<void> {
  const scope = join(project, 'older/node_modules/@truehop')
  await cp(join(project, 'node_modules/@truehop'), scope, { recursive: true })
  for (const name of await readdir(scope)) {
    const path = join(scope, name, 'package.json')
    const manifest: object = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...manifest, version }))
  }
  await writeFile(join(project, 'ranges.txt'), '127.0.0.0/8\n')
}
