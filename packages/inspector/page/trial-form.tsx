import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Trial, TrialField, TrialResult } from '../src/view/view.js'
import { AddressText } from './address-text.js'
import { withHeader } from './built-header.js'
import { HeaderBuilder } from './header-builder.js'
import { Walk } from './walk.js'

interface Props {
  /** Who answers: the server, or this page itself. */
  readonly ask: (trial: Trial) => Promise<TrialResult>
  readonly initial?: Trial | undefined
  /** Whether it is asked at once. */
  readonly isAsked?: boolean
  /** Receives each change. */
  readonly onTrial?: (trial: Trial) => void
}

const FIELDS: readonly {
  readonly field: TrialField
  readonly title: string
  readonly hint: string
  readonly rows: number
}[] = [
  { field: 'peer', title: 'Socket peer', hint: 'An address, unix or event.', rows: 1 },
  {
    field: 'proxy',
    title: 'PROXY headers',
    hint: 'One a line, as PROXY TCP4 …, or its bytes in hexadecimal. Empty for none.',
    rows: 2,
  },
  { field: 'headers', title: 'Request headers', hint: 'Name: value, one a line.', rows: 4 },
]

const EMPTY: Trial = { peer: '', proxy: '', headers: '' }

/** Any evidence against the policy. */
export function TrialForm({ ask, initial = EMPTY, isAsked = false, onTrial }: Props): VNode {
  const [trial, setTrial] = useState(initial)
  const [result, setResult] = useState<TrialResult>()
  const [failure, setFailure] = useState<string>()
  const newest = useRef(0)
  const change = (field: TrialField, value: string): void => {
    const changed = { ...trial, [field]: value }
    setTrial(changed)
    onTrial?.(changed)
  }
  const submit = async (): Promise<void> => {
    const turn = ++newest.current
    try {
      const given = await ask(trial)
      if (turn !== newest.current) return
      setResult(given)
      setFailure(undefined)
    } catch (error) {
      if (turn !== newest.current) return
      setResult(undefined)
      setFailure(error instanceof Error ? error.message : String(error))
    }
  }
  // Once, for what it was filled with.
  useEffect(() => {
    if (isAsked) void submit()
  }, [])
  const problems = result !== undefined && 'problems' in result ? result.problems : []
  return (
    <form
      class="trial"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      noValidate
    >
      {FIELDS.map(({ field, title, hint, rows }) => (
        <Field
          key={field}
          id={`trial-${field}`}
          title={title}
          hint={hint}
          rows={rows}
          value={trial[field]}
          problem={problems.find((problem) => problem.field === field)?.message}
          onValue={(value) => change(field, value)}
        />
      ))}
      <HeaderBuilder onHeader={(header) => change('proxy', withHeader(trial.proxy, header))} />
      <button type="submit" class="primary">
        Explain
      </button>
      <div class="result" aria-live="polite">
        {failure !== undefined && <p class="problem">{failure}</p>}
        {problems.length > 0 && <p class="problem">Nothing was asked: see the fields above.</p>}
        {result !== undefined && 'walk' in result && <Answer result={result} />}
        {result !== undefined && 'refused' in result && <Refused refused={result.refused} />}
      </div>
    </form>
  )
}

function Answer({ result }: { result: Extract<TrialResult, { walk: unknown }> }): VNode {
  const { client = 'undetermined', status } = result.walk.outcome
  return (
    <>
      <h3>
        Client:{' '}
        <span class={status}>
          <AddressText text={client} />
        </span>
      </h3>
      <Walk walk={result.walk} />
      <details>
        <summary>As text</summary>
        <pre>{result.text}</pre>
      </details>
    </>
  )
}

type Refusal = Extract<TrialResult, { refused: unknown }>['refused']

function Refused({ refused: { reason, message } }: { refused: Refusal }): VNode {
  return (
    <>
      <h3>
        <span class="undetermined">The connection is refused</span>
      </h3>
      <p>
        <span class="badge error">{reason}</span> {message}.
      </p>
      <p class="quiet">There is no request, and so no client.</p>
    </>
  )
}

interface FieldProps {
  readonly id: string
  readonly title: string
  readonly hint: string
  readonly rows: number
  readonly value: string
  readonly problem: string | undefined
  readonly onValue: (value: string) => void
}

/** A labelled field with its hint, and what is wrong with it. */
export function Field({ id, title, hint, rows, value, problem, onValue }: FieldProps): VNode {
  const common = {
    id,
    value,
    spellcheck: false,
    autocomplete: 'off' as const,
    autocapitalize: 'off' as const,
    'aria-describedby': `${id}-hint${problem === undefined ? '' : ` ${id}-problem`}`,
    'aria-invalid': problem !== undefined,
    onInput: (event: Event) => onValue((event.currentTarget as HTMLInputElement).value),
  }
  return (
    <div class="field">
      <label for={id}>{title}</label>
      {rows === 1 ? <input type="text" {...common} /> : <textarea rows={rows} {...common} />}
      <span id={`${id}-hint`} class="quiet">
        {hint}
      </span>
      {problem !== undefined && (
        <span id={`${id}-problem`} class="problem">
          {problem}
        </span>
      )}
    </div>
  )
}
