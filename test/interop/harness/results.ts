import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One cell of the matrix, as a run found it. */
export interface Cell {
  readonly peer: string
  readonly role: 'receives' | 'sends' | 'doctor'
  /** The program's setting, as an operator writes it. */
  readonly setting: string
  readonly cell: string
  /** What was seen. */
  readonly outcome: string
  /** What to choose or to avoid, where that is not what one may expect. */
  readonly fault?: string
}

export interface Version {
  readonly peer: string
  readonly packages: string
  readonly version: string
}

/** All of a run. */
export interface Results {
  /** The day of the run. */
  readonly date: string
  readonly system: string
  readonly versions: readonly Version[]
  readonly lacks: readonly Lack[]
  readonly cells: readonly Cell[]
}

/** Why a program has no cells, or lacks some. */
export interface Lack {
  readonly peer: string
  readonly why: string
}

const FILE = fileURLToPath(new URL('../results.json', import.meta.url))

/** Those of the last run that was written down. */
export function readResults(): Results {
  return JSON.parse(readFileSync(FILE, 'utf8'))
}

export function writeResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`)
}

/** Whether this run is the long one, which is written down. */
export const isLong = process.env['TRUEHOP_INTEROP'] === 'long'
