import type { ActionTargets, OperableLimit, OperableList } from '../options.js'
import type { ActionDone, EntryView } from '../view/actions.js'
import type { Mask } from '../view/address-mask.js'
import { messageText } from '../view/foreign-text.js'
import type { ReadAction } from './read-action.js'

/** Entries of one list that are shown. */
const MAX_ENTRIES = 200

/** `by` names the operator in what is shared. */
export async function performAction(
  { limits = {}, lists = {} }: ActionTargets,
  { form, target }: ReadAction,
  by: string,
  mask: Mask,
): Promise<ActionDone> {
  switch (form.action) {
    case 'entries':
      return entriesOf(madeOf(lists[target]), form.find, mask)
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
      return operate(madeOf(limits[target]), form)
  }
}

type LimitForm = Exclude<ReadAction['form'], { action: 'entries' | 'add' | 'remove' }>

/** What is left is shown after each change, so that nobody has to ask again. */
async function operate(limiter: OperableLimit, form: LimitForm): Promise<ActionDone> {
  const subject = { client: form.client }
  if (form.action === 'reset') await limiter.reset(subject)
  if (form.action === 'block') await limiter.block(subject, form.seconds)
  if (form.action === 'reward') await limiter.reward(subject, form.units)
  const standings = await standingsAfter(form.action, limiter, subject)
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
): Promise<Standings> {
  try {
    return await limiter.peek(subject)
  } catch (error) {
    if (action === 'peek') throw error
    return []
  }
}

function entriesOf(list: OperableList, find: string, mask: Mask): ActionDone {
  const entries: EntryView[] = []
  for (const { entry, by, note = '', added, expires } of list.details()) {
    if (entries.length === MAX_ENTRIES) break
    if (![entry, by, note].some((text) => text.includes(find))) continue
    const show = (text: string): string => messageText(text, mask)
    entries.push({ entry: show(entry), by: show(by), note: show(note), added, expires })
  }
  const { size, stale } = list.status()
  return { entries, size, stale }
}

/** The application may make it after the inspector. */
function madeOf<T extends object>(target: T | (() => T | undefined) | undefined): T {
  const made = typeof target === 'function' ? target() : target
  if (made === undefined) throw new Error('the application has not made it yet')
  return made
}
