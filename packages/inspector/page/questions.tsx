import type { VNode } from 'preact'
import type { AnswersView } from '../src/view/view.js'
import { AddressText } from './address-text.js'
import { plural } from './words.js'

interface Props {
  readonly answers: readonly AnswersView[]
  /** Tells the headings of several policies apart. */
  readonly id: string
}

/** The three questions that settle who the client is, answered from the policy, rule by rule. */
export function Questions({ answers, id }: Props): VNode {
  const heading = `questions${id}`
  return (
    <>
      <h3 id={heading}>Three questions</h3>
      <ol class="questions" aria-labelledby={heading}>
        {answers.map((rule) => (
          <li key={rule.rule}>
            <strong>{rule.rule}</strong>
            <Answers rule={rule} />
          </li>
        ))}
      </ol>
    </>
  )
}

function Answers({ rule }: { rule: AnswersView }): VNode {
  const { field, assertedBy, more, consumedBy } = rule
  return (
    <dl>
      <div>
        <dt>Which field is authoritative?</dt>
        <dd>{field}</dd>
      </div>
      <div>
        <dt>Who may assert it?</dt>
        <dd>
          <AddressText text={assertedBy.join(', ')} />
          {more > 0 && ` and ${plural(more, 'more', 'more')}`}
        </dd>
      </div>
      <div>
        <dt>Who consumes it?</dt>
        <dd>{consumedBy}</dd>
      </div>
    </dl>
  )
}
