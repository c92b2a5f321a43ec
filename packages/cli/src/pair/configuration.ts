import type { Place } from '../listen/listening.js'
import type { HopContract } from './hop-contract.js'

/** Where the hop accepts, and where the service does. */
export interface Ends {
  readonly listen: Place
  readonly upstream: Place
}

/** The configuration of one hop. */
export interface Configuration {
  /** What to write, or the command to run. */
  readonly text: string
  /** What it cannot say itself. */
  readonly notes: readonly string[]
}

/** A program or service that can be the hop in front. */
export interface PairTarget {
  readonly name: string
  /** What is to be sent, and what this target can send. */
  readonly sends: readonly HopContract['sends'][]
  /** Where the text belongs. */
  readonly file: string
  readonly write: (contract: HopContract, ends: Ends) => Configuration
}

export const EVERYTHING: PairTarget['sends'] = [
  'proxy-protocol',
  'x-forwarded-for',
  'forwarded',
  'single',
]
export const HEADERS: PairTarget['sends'] = ['x-forwarded-for', 'forwarded', 'single']

/** The lines as one text; undefined ones are left out. */
export function lines(...parts: readonly (string | undefined | readonly string[])[]): string {
  return `${parts.flatMap((part) => part ?? []).join('\n')}\n`
}

/** Whole seconds within which the hop must be through with its header, at least one. */
export function seconds({ timeout }: HopContract): number {
  return Math.max(1, Math.floor(timeout / 1000))
}

export const UNREAD_BY_TCP =
  'This hop does not read HTTP: headers pass as the client wrote them. The policy believes them only from the addresses of its other rules.'
