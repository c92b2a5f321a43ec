import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Inputs that showed something new once, as texts; kept in `test/fuzz/corpus`. */
export function corpusOf(name: string): string[] {
  const file = corpusFile(name)
  if (!existsSync(file)) return []
  const texts: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!isTexts(texts)) throw new Error(`${file} is no list of texts`)
  return texts
}

/** Relative to the top of the workspace, where every command of it runs. */
export const corpusFile = (name: string): string => join('test/fuzz/corpus', `${name}.json`)

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}
