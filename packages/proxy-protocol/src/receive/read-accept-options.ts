import { isRecord, type Problem, readOptions } from '@truehop/options'
import { AcceptError } from './accept-error.js'
import { ACCEPT_FIELDS, UNSAFE_FIELDS } from './accept-fields.js'
import type { AcceptOptions, AcceptSettings } from './accept-options.js'

/** @throws {AcceptError} for anything that is not exactly what `AcceptOptions` describes. */
export function acceptSettings(options: AcceptOptions): AcceptSettings {
  const isUnsafe = isRecord(options) && options.unsafeShortTimeout === true
  const fields = isUnsafe ? UNSAFE_FIELDS : ACCEPT_FIELDS
  const { unsafeShortTimeout: _, ...values } = readOptions(fields, options, refused, EXAMPLE)
  const { maxPending, maxPendingPerPeer = Math.ceil(maxPending / 2) } = values
  return { ...values, maxPendingPerPeer }
}

const EXAMPLE = { says: '', hint: "write { from: ['10.0.0.0/16'] }" } as const

/** What is wrong with options of the receiver, all of it. */
export function refused(first: Problem, all: readonly Problem[]): AcceptError {
  const lines = all.map(({ path, message }) => `${path === '' ? 'options' : path}: ${message}`)
  return new AcceptError('bad-accept-option', lines.join('\n'), first.path || 'options')
}
