import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { ActionDone } from '../src/view/actions.js'
import { type AskedForm, askAction } from './ask-action.js'

/** The names that the application gave, and the token of this inspector. */
export interface PartProps {
  readonly names: readonly string[]
  readonly token: string
}

/** One action at a time, and what it came to. */
export function useAsking(token: string) {
  const [done, setDone] = useState<ActionDone>()
  const [change, setChange] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const ask = async (...forms: AskedForm[]): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    setChange(undefined)
    try {
      for (const form of forms) {
        const given = await askAction(form, token)
        if ('change' in given) setChange(given.change)
        else setDone(given)
      }
    } catch (error) {
      // What was shown before is not what is.
      setDone(undefined)
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return { done, change, problem, isBusy, ask }
}

interface ChoiceProps {
  readonly title: string
  readonly names: readonly string[]
  readonly value: string
  readonly onValue: (value: string) => void
}

export function Choice({ title, names, value, onValue }: ChoiceProps): VNode {
  return (
    <label>
      {title}
      <select value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}

interface InputProps {
  readonly title: string
  readonly value: string
  readonly hint: string
  readonly onValue: (value: string) => void
}

export function Input({ title, value, hint, onValue }: InputProps): VNode {
  return (
    <label>
      {title}
      <input
        type="text"
        value={value}
        placeholder={hint}
        maxLength={200}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </label>
  )
}
