import type { DecisionView, InstanceView, Snapshot } from '../src/view/view.js'
import { clock } from './moments.js'

/** One decision in the list. */
export interface Row {
  /** Names it for ever: ids begin anew with each process. */
  readonly key: string
  readonly decision: DecisionView
  /** The instance that made it, where there are several. */
  readonly instance?: string | undefined
  /** Where it is sent again, if not to the server that the page came from. */
  readonly base?: string
  /** Made before the service was restarted. */
  readonly isBefore?: boolean
}

export function rowOf({ id }: Pick<InstanceView, 'id'>, decision: DecisionView): Row {
  return { key: `${id}.${decision.id}`, decision }
}

/** Of one instance of several, which was asked at `url`. */
export function fleetRows(url: string, name: string, snapshot: Snapshot): Row[] {
  const { instance, decisions } = snapshot
  const base = new URL('/', url).href
  return decisions.map((decision) => ({ ...rowOf(instance, decision), instance: name, base }))
}

/** The name of a row in the page's address. */
export function anchorOf(key: string): string {
  return `decision=${key}`
}

/** Everything that a row shows, to be searched. */
export function rowText({ decision, instance = '' }: Row): string {
  const { at, method, path, walk, verdicts, answer } = decision
  const { client = 'undetermined', reason, source } = walk.outcome
  const conflict = walk.conflicts.length > 0 ? 'conflict' : ''
  const said = verdicts.flatMap(({ name, word, what }) => [name, word, ...what])
  const answered = answer === undefined ? '' : `${answer.status ?? 'no answer'} ${answer.ms} ms`
  const shown = [clock(at), instance, client, reason, source, conflict, ...said, answered]
  return [...shown, method, path, walk.peer ?? '', viaText(walk)].join(' ')
}

/** The rules of the hops from this server outwards, as every chain here is drawn. */
export function viaText({ steps, omitted }: DecisionView['walk']): string {
  if (steps.length === 0) return ''
  const rules = steps.map(({ rule }) => rule)
  return `via ${[...rules, ...(omitted > 0 ? ['…'] : [])].join(' → ')}`
}
