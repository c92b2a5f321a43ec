import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findPeer, packagesOf } from '../../peers/harness/peer.js'
import { PEERS } from '../peers/index.js'
import { badge, page } from './page.js'
import type { InteropPeer } from './peer.js'
import { type Cell, type Results, type Version, writeResults } from './results.js'

/** Where the generated page is, and its badge. */
export const PAGE = fileURLToPath(new URL('../../../docs/interop.md', import.meta.url))
export const BADGE = fileURLToPath(new URL('../../../docs/images/interop.svg', import.meta.url))

/** Writes the results of a whole run, and the page and the badge that show them. */
export function writeDown(cells: readonly Cell[]): void {
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    system: systemName(),
    versions: PEERS.flatMap(versionOf),
    lacks: PEERS.flatMap(({ name, cannot = [] }) => cannot.map((why) => ({ peer: name, why }))),
    cells,
  }
  writeResults(results)
  writeFileSync(PAGE, page(results))
  writeFileSync(BADGE, badge(results))
}

function systemName(): string {
  const text = readFileSync('/etc/os-release', 'utf8')
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'unknown'
}

/** The first number with a dot in it that the program prints. */
function versionOf({ name, programs, version }: InteropPeer): Version[] {
  const path = programs[0] === undefined ? undefined : findPeer(programs[0])
  if (path === undefined) return []
  const { stdout, stderr } = spawnSync(path, [...version], { encoding: 'utf8', timeout: 10_000 })
  const packages = [...new Set(programs.flatMap(packagesOf))].join(', ')
  return [
    { peer: name, packages, version: /\d+(?:\.\d+)+/.exec(stdout + stderr)?.[0] ?? 'unknown' },
  ]
}
