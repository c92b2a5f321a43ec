import { dirname, join } from 'node:path'
import type { SourceFile } from './source-file.js'

/** The paths of the files that lead back to themselves, by imports of types as well. */
export function circlesIn(files: readonly SourceFile[]): string[] {
  const targets = new Map(files.map((file) => [file.path, targetsOf(file)]))
  return files.map(({ path }) => path).filter((path) => reachableFrom(path).has(path))

  function reachableFrom(start: string): Set<string> {
    const reached = new Set<string>()
    const queue = [start]
    for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
      for (const target of targets.get(from) ?? []) {
        if (reached.has(target)) continue
        reached.add(target)
        queue.push(target)
      }
    }
    return reached
  }
}

function targetsOf({ path, imports }: SourceFile): string[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => join(dirname(path), specifier.replace(/\.js$/, '.ts')))
}
