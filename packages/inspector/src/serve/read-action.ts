import { PrefixError, parseAddress, parsePrefix } from '@truehop/ip'
import type { ActionTargets } from '../options.js'
import type { ActionForm } from '../view/actions.js'
import type { ShownEntries } from './shown-entries.js'

/** An action that is not performed, and the status that says so. */
export class ActionProblem {
  readonly status: number
  readonly message: string

  constructor(status: number, message: string) {
    this.status = status
    this.message = message
  }
}

/** An action that can be performed, and what a record says of it. */
export interface ReadAction {
  readonly token: string
  readonly action: ActionForm['action']
  readonly target: string
  readonly subject: string
  readonly form: ActionForm
}

/** Characters of a note, and of a search. */
const MAX_NOTE = 200
/** Seconds of a block and of an entry: a year. */
const MAX_SECONDS = 31_536_000
const MAX_UNITS = 1_000_000

type Fields = Readonly<Record<string, unknown>>

/** Reads a body that anybody may have sent. */
export function readAction(
  targets: ActionTargets,
  shown: ShownEntries,
  body: string,
): ReadAction | ActionProblem {
  try {
    const fields = objectIn(body)
    const form = formOf(targets, shown, fields)
    const subject = 'client' in form ? form.client : 'entry' in form ? form.entry : ''
    return {
      token: text(fields, 'token', 100),
      action: form.action,
      target: form.target,
      subject,
      form,
    }
  } catch (error) {
    if (error instanceof ActionProblem) return error
    throw error
  }
}

function objectIn(body: string): Fields {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Said below.
  }
  throw new ActionProblem(400, 'The action is not a JSON object.')
}

function formOf(
  { limits = {}, lists = {} }: ActionTargets,
  shown: ShownEntries,
  fields: Fields,
): ActionForm {
  const action = text(fields, 'action', 20)
  const target = text(fields, 'target', 100)
  const of = (known: object): string => {
    if (Object.hasOwn(known, target)) return target
    throw new ActionProblem(
      404,
      `The application names no such ${known === limits ? 'limit' : 'list'}.`,
    )
  }
  switch (action) {
    case 'peek':
    case 'reset':
      return { action, target: of(limits), client: clientIn(fields) }
    case 'block':
      return {
        action,
        target: of(limits),
        client: clientIn(fields),
        seconds: integer(fields, 'seconds', MAX_SECONDS),
      }
    case 'reward':
      return {
        action,
        target: of(limits),
        client: clientIn(fields),
        units: integer(fields, 'units', MAX_UNITS),
      }
    case 'entries':
      return { action, target: of(lists), find: text(fields, 'find', MAX_NOTE, '') }
    case 'add': {
      const ttl = fields['ttl'] === undefined ? undefined : integer(fields, 'ttl', MAX_SECONDS)
      const note = text(fields, 'note', MAX_NOTE, '')
      return { action, target: of(lists), entry: entryIn(fields), ttl, note }
    }
    case 'remove': {
      const entry = fields['id'] === undefined ? entryIn(fields) : shownEntry(shown, fields)
      return { action, target: of(lists), entry }
    }
    default:
      throw new ActionProblem(422, 'There is no such action.')
  }
}

function clientIn(fields: Fields): string {
  const address = parseAddress(text(fields, 'client', 100))
  if (address !== undefined) return address.text
  throw new ActionProblem(422, 'client must be an address, such as 198.51.100.7.')
}

function entryIn(fields: Fields): string {
  try {
    return parsePrefix(text(fields, 'entry', 100)).entry
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    throw new ActionProblem(422, `entry must be an address or a prefix: ${error.reason}`)
  }
}

function shownEntry(shown: ShownEntries, fields: Fields): string {
  const entry = shown.entry(text(fields, 'target', 100), text(fields, 'id', 100))
  if (entry !== undefined) return entry
  throw new ActionProblem(409, 'The entry was not shown here lately: show the entries again.')
}

function text(fields: Fields, name: string, most: number, otherwise?: string): string {
  const value = fields[name] ?? otherwise
  if (typeof value === 'string' && value.length <= most) return value
  throw new ActionProblem(422, `${name} must be a string of at most ${most} characters.`)
}

function integer(fields: Fields, name: string, most: number): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) {
    return value
  }
  throw new ActionProblem(422, `${name} must be an integer from 1 to ${most}.`)
}
