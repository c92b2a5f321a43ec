import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const IMPORT = /^(?:import|export) .*?["']([^"']+)["'];?$/gm

/** What the ES module at `start` needs, by path: the files of its package and of ours that it imports. */
export async function neededFiles(modules: string, start: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const left = [start]
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (found.has(path)) continue
    const text = await readFile(join(modules, path), 'utf8')
    found.set(path, text)
    for (const [, specifier = ''] of text.matchAll(IMPORT)) {
      const file = fileOf(path, specifier)
      if (file !== undefined) left.push(file)
    }
  }
  return found
}

function fileOf(importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(importer), specifier)
  const [, name, entry = 'index'] = /^(@truehop\/[^/]+)(?:\/(.+))?$/.exec(specifier) ?? []
  return name === undefined ? undefined : `${name}/lib/${entry}.js`
}
