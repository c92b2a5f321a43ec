// Figures of each line of Node, from its last run.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('results', import.meta.url))

/** The line of a Node: `24` of `v24.3.0`. */
export function lineOf(version) {
  return Number(/^v(\d+)/.exec(version)?.[1])
}

export function keepResults(figures, folder = FOLDER) {
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/node-${lineOf(figures.before.node)}.json`
  writeFileSync(file, `${JSON.stringify(figures, rounded)}\n`)
}

/** Of all lines that were measured, the oldest first. */
export function keptResults(folder = FOLDER) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^node-\d+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')))
    .sort((a, b) => lineOf(a.before.node) - lineOf(b.before.node))
}

/** Six digits are more than any measurement has. */
function rounded(_name, value) {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value
}
