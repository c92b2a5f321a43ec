import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { DecisionView, Trial, VerdictView } from '../src/view/view.js'
import { AddressText } from './address-text.js'
import { clock } from './moments.js'
import { anchorOf, type Row, viaText } from './row.js'
import { TakeAlong } from './take-along.js'
import { Walk } from './walk.js'

interface Props {
  readonly row: Row
  /** Whether it is the one that the page's address names. */
  readonly isNamed: boolean
  readonly onOpen: () => void
  /** Fills the form; absent where there is none. */
  readonly onTry?: ((evidence: Trial) => void) | undefined
}

/** One line, to be opened into the walk and what became of the request. */
export function Decision({ row, isNamed, onOpen, onTry }: Props): VNode {
  const [isOpen, setOpen] = useState(isNamed)
  const { key, decision, instance } = row
  const { at, method, path, walk, verdicts, answer } = decision
  const { status, reason, client = 'undetermined' } = walk.outcome
  return (
    <li id={anchorOf(key)} class={isNamed ? 'named' : undefined}>
      <details
        open={isOpen}
        onToggle={({ currentTarget: { open } }) => {
          setOpen(open)
          // Not every browser gives the focus to what is clicked.
          if (open) onOpen()
        }}
      >
        <summary>
          <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
          {instance !== undefined && <span class="badge">{instance}</span>}
          <strong class={status}>
            <AddressText text={client} />
          </strong>
          <Answered answer={answer} />
          {verdicts.filter(isTelling).map((verdict) => (
            <Told key={`${verdict.name} ${verdict.word}`} verdict={verdict} />
          ))}
          <span class={`badge ${isRefused(decision) && status === 'resolved' ? 'plain' : status}`}>
            {reason}
          </span>
          {walk.conflicts.length > 0 && <span class="badge warning">conflict</span>}
          <span class="where">
            <span class="target">
              {method} {path}
            </span>
            {walk.steps.length > 0 && <span class="quiet">{viaText(walk)}</span>}
          </span>
        </summary>
        {isOpen && (
          <div class="opened">
            <Walk walk={walk} />
            {verdicts.length > 0 && <Verdicts verdicts={verdicts} />}
            <TakeAlong row={row} onTry={onTry} />
          </div>
        )}
      </details>
    </li>
  )
}

function Answered({ answer }: Pick<DecisionView, 'answer'>): VNode | null {
  if (answer === undefined) return null
  const { status, complete, ms } = answer
  if (status === undefined) return <span class="badge warning">no answer, {ms} ms</span>
  return (
    <span class={`badge ${statusClass(status)}`}>
      {status} in {ms} ms{complete ? '' : ', cut short'}
    </span>
  )
}

/** Whoever is known and turned away is not what green stands for. */
function isRefused({ verdicts, answer }: DecisionView): boolean {
  return (answer?.status ?? 0) >= 400 || verdicts.some(isRefusal)
}

function isRefusal({ word }: VerdictView): boolean {
  return word === 'denied' || word === 'limited'
}

/** Green is for what went well. */
function statusClass(status: number): string {
  if (status >= 500) return 'error'
  return status >= 400 ? 'warning' : 'resolved'
}

/** What a row has room for: who refused it, or would have. */
function isTelling({ word }: VerdictView): boolean {
  return word !== 'allowed'
}

const WORDS: Readonly<Record<VerdictView['word'], string>> = {
  allowed: 'allowed',
  denied: 'denied',
  'would-deny': 'would be denied',
  limited: 'limited',
  'would-limit': 'would be limited',
}

function Told({ verdict }: { verdict: VerdictView }): VNode {
  const { word, what, by } = verdict
  const through =
    what.length === 0 ? '' : ` by ${by === 'allowlist' ? 'entry ' : ''}${what.join(', ')}`
  return (
    <span class={`badge ${isRefusal(verdict) ? 'error' : 'warning'}`}>
      {WORDS[word]}
      {through}
    </span>
  )
}

function Verdicts({ verdicts }: { verdicts: readonly VerdictView[] }): VNode {
  return (
    <>
      <p class="subhead">What was decided about it</p>
      <ul class="claims">
        {verdicts.map(({ name, word, reason, what, source }, index) => (
          <li key={`${index} ${name}`}>
            <code>{name}</code> {WORDS[word]}
            {what.length > 0 && (
              <>
                {' by '}
                <code>{what.join(', ')}</code>
              </>
            )}
            {source !== undefined && ` (${source})`} <span class="quiet">{reason}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
