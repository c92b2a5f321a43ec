import { definePolicy, lint, type Policy, type PolicyOptions } from '@truehop/identity/portable'
import type { VNode } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { tryEvidence } from '../src/serve/trial.js'
import { answersView } from '../src/view/answers-view.js'
import type { PolicyView } from '../src/view/view.js'
import { Chain } from './chain.js'
import { type Example, PLATFORMS, TOPOLOGIES } from './examples.js'
import { EXPORTS, type Export, exportedPolicy, policyText } from './exported-policy.js'
import { Section } from './section.js'
import { fragmentOf, type SharedTrial, sharedIn } from './shared-trial.js'
import { Copied } from './take-along.js'
import { Field, TrialForm } from './trial-form.js'

const ALL = [...TOPOLOGIES, ...PLATFORMS]

/** The same form without a server: policy and evidence never leave the page. */
export function Playground(): VNode {
  const [first] = useState(begin)
  const [name, setName] = useState(first.name)
  const [start, setStart] = useState(first.trial)
  const [turn, setTurn] = useState(0)
  const [text, setText] = useState(first.policy)
  const [trial, setTrial] = useState(first.trial)
  const read = useMemo(() => readPolicy(text), [text])
  const choose = (chosen: string): void => {
    const example = ALL.find((known) => known.name === chosen)
    if (example === undefined) return
    setName(chosen)
    setText(policyText(example.policy))
    setStart(example.trial)
    setTrial(example.trial)
    setTurn((known) => known + 1)
  }
  useAddress({ policy: text, trial })
  const problem = 'problem' in read ? read.problem : undefined
  return (
    <>
      <header class="top">
        <h1>truehop playground</h1>
        <p class="state">Everything runs in this page; nothing is sent anywhere.</p>
      </header>
      <main>
        <Section id="policy" title="The policy">
          <Examples name={name} onChoose={choose} />
          <Field
            id="policy-text"
            title="Policy as JSON"
            hint="What definePolicy() takes, and policy files hold."
            rows={14}
            value={text}
            problem={problem}
            onValue={setText}
          />
          {'policy' in read && <Chain policy={viewOf(read.policy)} />}
          {'policy' in read && <Exports policy={text} />}
        </Section>
        <Section id="try" title="Try it">
          <p class="quiet">
            The address of this page has the policy and the evidence, behind the #: copy it to show
            them to somebody. Browsers do not send that part to any server.
          </p>
          <TrialForm
            key={turn}
            initial={start}
            isAsked={first.isShared && turn === 0}
            onTrial={setTrial}
            ask={async (asked) => {
              if ('policy' in read) return tryEvidence(read.policy, asked)
              throw new Error('The policy above cannot be used yet.')
            }}
          />
        </Section>
      </main>
    </>
  )
}

/** What the page's address has, or the first example. */
function begin() {
  const [{ name, policy, trial }] = TOPOLOGIES
  const shared = sharedIn(location.hash)
  if (shared === undefined) return { name, policy: policyText(policy), trial, isShared: false }
  return { name: '', ...shared, isShared: true }
}

/** Milliseconds without a change after which the address follows. */
const SETTLED_MS = 300

/**
 * Keeps the page's address to what is in it, without a step in the history for each key. A page around
 * this one hears of it as of any other change of the fragment.
 */
function useAddress(shared: SharedTrial): void {
  const isFirst = useRef(true)
  const fragment = fragmentOf(shared)
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false
      return
    }
    const timer = setTimeout(() => {
      history.replaceState(null, '', fragment ?? '#')
      dispatchEvent(new HashChangeEvent('hashchange'))
    }, SETTLED_MS)
    return () => clearTimeout(timer)
  }, [fragment])
}

interface ExamplesProps {
  readonly name: string
  readonly onChoose: (name: string) => void
}

function Examples({ name, onChoose }: ExamplesProps): VNode {
  const group = (title: string, examples: readonly Example[]) => (
    <optgroup label={title}>
      {examples.map((example) => (
        <option key={example.name}>{example.name}</option>
      ))}
    </optgroup>
  )
  return (
    <div class="field">
      <label for="example">Start from</label>
      <select
        id="example"
        value={name}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      >
        {name === '' && <option value="">what the address has</option>}
        {group('Topologies', TOPOLOGIES)}
        {group('Platforms', PLATFORMS)}
      </select>
    </div>
  )
}

function Exports({ policy }: { policy: string }): VNode {
  const [shown, setShown] = useState<Export>()
  return (
    <div class="take-along">
      {EXPORTS.map(([form, title]) => (
        <button
          key={form}
          type="button"
          aria-pressed={shown === form}
          onClick={() => setShown(shown === form ? undefined : form)}
        >
          As {title}
        </button>
      ))}
      {shown !== undefined && <Copied text={exportedPolicy(shown, policy)} />}
    </div>
  )
}

type Read = { readonly policy: Policy } | { readonly problem: string }

function readPolicy(text: string): Read {
  try {
    const { $schema: _, ...options } = JSON.parse(text)
    return { policy: definePolicy(options as PolicyOptions) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** As the server describes it, without what lives and without a moment. */
function viewOf(policy: Policy): PolicyView {
  const { hops, maxHops, onConflict, proxyProtocol } = policy.current
  return {
    version: 1,
    since: 0,
    maxHops,
    onConflict,
    proxyProtocol: proxyProtocol && {
      direct: proxyProtocol.direct ?? 'reject',
      optional: proxyProtocol.optional ?? false,
    },
    hops: hops.map(({ name, asserts, depth, required, entries }) => {
      const from = entries.filter((entry) => typeof entry === 'string')
      return {
        name,
        asserts,
        depth,
        required,
        from: from.slice(0, 40),
        more: Math.max(0, from.length - 40),
        ranges: [],
      }
    }),
    answers: answersView(policy, 40),
    findings: lint(policy),
  }
}
