import type { Readable, Writable } from 'node:stream'
import { createColors } from 'picocolors'
import { printableJson } from './printable.js'

/** A stream to write to, and whether a person is looking at it. */
export interface Screen extends Writable {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** What a run reads from and writes to. */
export interface Terminal {
  readonly stdin: Readable
  /** Results. */
  readonly stdout: Screen
  /** Progress, and what went wrong. */
  readonly stderr: Screen
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborted when the person wants a listener to end. */
  readonly signal: AbortSignal
}

export type Colours = ReturnType<typeof createColors>

/** Colours for standard output: on a terminal, subject to `NO_COLOR` and `FORCE_COLOR`. */
export function coloursOf({ stdout, environment }: Terminal): Colours {
  const { NO_COLOR: no = '', FORCE_COLOR: force = '', TERM: kind } = environment
  const isAsked = force === '' ? stdout.isTTY === true && kind !== 'dumb' : force !== '0'
  return createColors(no === '' && isAsked)
}

export function print(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${line}\n`)
}

export function printJson(terminal: Terminal, value: unknown): void {
  print(terminal, printableJson(JSON.stringify(value, jsonValue, 2)))
}

/** One object on one line. */
export function printJsonLine(terminal: Terminal, value: unknown): void {
  print(terminal, printableJson(JSON.stringify(value, jsonValue)))
}

/** JSON has no integers beyond 2^53: such a number becomes a string. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
