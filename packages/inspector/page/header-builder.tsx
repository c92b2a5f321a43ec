import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { type Built, builtHeader, FIRST } from './built-header.js'

/** Makes a PROXY header for the form out of what somebody knows about a connection. */
export function HeaderBuilder({ onHeader }: { onHeader: (header: string) => void }): VNode {
  const [built, setBuilt] = useState(FIRST)
  const result = builtHeader(built)
  const set = (part: Partial<Built>): void => setBuilt((known) => ({ ...known, ...part }))
  return (
    <details class="builder">
      <summary>Build a PROXY header</summary>
      <div class="filters">
        <label>
          Version
          <select
            value={built.version}
            onChange={({ currentTarget }) =>
              set({ version: currentTarget.value === '2' ? '2' : '1' })
            }
          >
            <option>1</option>
            <option>2</option>
          </select>
        </label>
        <label>
          Command
          <select
            value={built.command}
            onChange={({ currentTarget }) =>
              set({ command: currentTarget.value === 'LOCAL' ? 'LOCAL' : 'PROXY' })
            }
          >
            <option>PROXY</option>
            <option>LOCAL</option>
          </select>
        </label>
        <Part title="Source" value={built.source} onValue={(source) => set({ source })} />
        <Part
          title="Destination"
          value={built.destination}
          onValue={(destination) => set({ destination })}
        />
        <Part
          title="Authority (version 2)"
          value={built.authority}
          onValue={(authority) => set({ authority })}
        />
        <button
          type="button"
          disabled={'problem' in result}
          onClick={() => 'text' in result && onHeader(result.text)}
        >
          Add header
        </button>
      </div>
      {'problem' in result ? <p class="problem">{result.problem}</p> : <pre>{result.text}</pre>}
    </details>
  )
}

interface PartProps {
  readonly title: string
  readonly value: string
  readonly onValue: (value: string) => void
}

function Part({ title, value, onValue }: PartProps): VNode {
  return (
    <label class="part">
      {title}
      <input
        type="text"
        value={value}
        maxLength={255}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </label>
  )
}
