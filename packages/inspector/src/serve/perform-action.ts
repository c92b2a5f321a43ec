import { inSlices } from '@truehop/identity/adapter'
import type { Slices } from '@truehop/ip/internal'
import type { ActionTargets, OperableLimit, OperableList } from '../options.js'
import type { ActionDone, EntryView } from '../view/actions.js'
import { type Mask, UNMASKED } from '../view/address-mask.js'
import { messageText } from '../view/foreign-text.js'
import { orAborted } from './in-time.js'
import type { ReadAction } from './read-action.js'
import type { ShownEntries } from './shown-entries.js'

/** Entries of one list that are shown. */
const MAX_ENTRIES = 200
/** Entries of one list that are looked at: masking a million takes seconds. */
const MAX_LOOKED_AT = 250_000
/** Entries between two looks at the clock. */
const SLICE = 64

/** How entries are shown. */
export interface EntryMasks {
  /** Of one network, and of an address in any other text. */
  readonly network: Mask
  readonly text: Mask
  readonly shown: ShownEntries
}

/** `by` names the operator in what is shared; `signal` says that nobody waits any more. */
export async function performAction(
  { limits = {}, lists = {} }: ActionTargets,
  { form, target }: ReadAction,
  by: string,
  masks: EntryMasks,
  signal: AbortSignal,
): Promise<ActionDone> {
  switch (form.action) {
    case 'entries':
      return inSlices(entriesOf(madeOf(lists[target]), form, masks, signal))
    case 'add': {
      const { entry, ttl, note } = form
      const about = { by: `inspector, ${by}`, ...(note === '' ? {} : { note }) }
      const options = ttl === undefined ? about : { ...about, ttl }
      return { change: String(await madeOf(lists[target]).add(entry, options)) }
    }
    case 'remove':
      return {
        change: String(await madeOf(lists[target]).remove(form.entry, { by: `inspector, ${by}` })),
      }
    default:
      return operate(madeOf(limits[target]), form, signal)
  }
}

type LimitForm = Exclude<ReadAction['form'], { action: 'entries' | 'add' | 'remove' }>

/** What is left is shown after each change, so that nobody has to ask again. */
async function operate(
  limiter: OperableLimit,
  form: LimitForm,
  signal: AbortSignal,
): Promise<ActionDone> {
  const subject = { client: form.client }
  if (form.action === 'reset') await limiter.reset(subject)
  if (form.action === 'block') await limiter.block(subject, form.seconds)
  if (form.action === 'reward') await limiter.reward(subject, form.units)
  const standings = await standingsAfter(form.action, limiter, subject, signal)
  return {
    standings: standings.map(({ quota, remaining, msLeft, exceeded }) => ({
      name: quota.name,
      limit: quota.limit,
      remaining,
      seconds: Math.ceil(msLeft / 1000),
      exceeded,
    })),
  }
}

type Standings = Awaited<ReturnType<OperableLimit['peek']>>

/** None where a change was made and nobody can say what is left: it is recorded as made. */
async function standingsAfter(
  action: LimitForm['action'],
  limiter: OperableLimit,
  subject: { readonly client: string },
  signal: AbortSignal,
): Promise<Standings> {
  try {
    return await (action === 'peek'
      ? limiter.peek(subject)
      : orAborted(limiter.peek(subject), signal))
  } catch (error) {
    if (action === 'peek') throw error
    return []
  }
}

type EntriesForm = Extract<ReadAction['form'], { action: 'entries' }>

/**
 * Found by what is shown: a search in what is hidden would tell it, a digit at a time. What was found
 * until the time is over is shown.
 */
function* entriesOf(
  list: OperableList,
  { target, find }: EntriesForm,
  { network, text, shown }: EntryMasks,
  signal: AbortSignal,
): Slices<ActionDone> {
  const entries: EntryView[] = []
  let lookedAt = 0
  for (const { entry, by, note = '', added, expires } of list.details()) {
    if (entries.length === MAX_ENTRIES || lookedAt === MAX_LOOKED_AT) break
    if (lookedAt % SLICE === SLICE - 1) yield
    if (signal.aborted) break
    lookedAt++
    const view = {
      entry: messageText(entry, network),
      by: messageText(by, text),
      note: messageText(note, text),
    }
    if (!Object.values(view).some((part) => part.includes(find))) continue
    const id = text === UNMASKED ? undefined : shown.add(target, entry)
    entries.push({ id, ...view, added, expires })
  }
  const { size, stale } = list.status()
  return { entries, lookedAt, size, stale }
}

/** The application may make it after the inspector. */
function madeOf<T extends object>(target: T | (() => T | undefined) | undefined): T {
  const made = typeof target === 'function' ? target() : target
  if (made === undefined) throw new Error('the application has not made it yet')
  return made
}
