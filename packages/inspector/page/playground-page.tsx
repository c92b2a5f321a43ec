import { definePolicy, lint, type Policy, type PolicyOptions } from '@truehop/identity/portable'
import type { VNode } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { tryEvidence } from '../src/serve/trial.js'
import { answersView } from '../src/view/answers-view.js'
import type { PolicyView } from '../src/view/view.js'
import { Chain } from './chain.js'
import { EXAMPLES } from './examples.js'
import { Section } from './section.js'
import { Field, TrialForm } from './trial-form.js'

/** The same form without a server: policy and evidence never leave the page. */
export function Playground(): VNode {
  const [name, setName] = useState(EXAMPLES[0].name)
  const example = EXAMPLES.find((known) => known.name === name) ?? EXAMPLES[0]
  const [text, setText] = useState(() => asText(example.policy))
  const read = useMemo(() => readPolicy(text), [text])
  const choose = (chosen: string): void => {
    setName(chosen)
    setText(asText((EXAMPLES.find((known) => known.name === chosen) ?? EXAMPLES[0]).policy))
  }
  const problem = 'problem' in read ? read.problem : undefined
  return (
    <>
      <header class="top">
        <h1>truehop playground</h1>
        <p class="state">Everything runs in this page; nothing is sent anywhere.</p>
      </header>
      <main>
        <Section id="policy" title="The policy">
          <div class="field">
            <label for="example">Start from</label>
            <select
              id="example"
              value={name}
              onChange={({ currentTarget }) => choose(currentTarget.value)}
            >
              {EXAMPLES.map((known) => (
                <option key={known.name}>{known.name}</option>
              ))}
            </select>
          </div>
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
        </Section>
        <Section id="try" title="Try it">
          <TrialForm
            key={name}
            initial={example.trial}
            ask={async (trial) => {
              if ('policy' in read) return tryEvidence(read.policy, trial)
              throw new Error('The policy above cannot be used yet.')
            }}
          />
        </Section>
      </main>
    </>
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

/** As one writes it: a list of texts stands on one line. */
function asText(policy: PolicyOptions): string {
  const text = JSON.stringify(policy, undefined, 2)
  return text.replace(/\[\s*("[^"]*"(?:,\s*"[^"]*")*)\s*\]/g, (_, list: string) => {
    return `[${list.replace(/,\s+/g, ', ')}]`
  })
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
