import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import type { Trial } from '../src/view/view.js'
import { COPIES, type Copy, copiedText } from './copied-text.js'
import { anchorOf, type Row } from './row.js'

interface Props {
  readonly row: Row
  readonly onTry?: ((evidence: Trial) => void) | undefined
}

/** A decision to link to, to send again, and to try under another policy. */
export function TakeAlong({ row, onTry }: Props): VNode {
  const { evidence } = row.decision
  const [shown, setShown] = useState<Copy>()
  const text =
    evidence === undefined || shown === undefined
      ? undefined
      : copiedText(shown, row.decision, evidence, row.base ?? new URL('/', location.href).href)
  return (
    <div class="take-along">
      <a href={`#${anchorOf(row.key)}`}>Link to this decision</a>
      {evidence === undefined ? (
        <span class="quiet">
          Its evidence cannot be copied: it is masked, or too long to be kept.
        </span>
      ) : (
        <>
          {COPIES.map(([form, title]) => (
            <button
              key={form}
              type="button"
              aria-pressed={shown === form}
              onClick={() => setShown(shown === form ? undefined : form)}
            >
              As {title}
            </button>
          ))}
          {onTry !== undefined && (
            <button type="button" onClick={() => onTry(evidence)}>
              Try it below
            </button>
          )}
        </>
      )}
      {text !== undefined && <Copied text={text} />}
    </div>
  )
}

/** The text, to be looked at before it is pasted anywhere. */
export function Copied({ text }: { text: string }): VNode {
  const [said, setSaid] = useState('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied.')
    } catch {
      // Browsers give the clipboard to pages over TLS and on this machine only.
      setSaid('The browser does not let this page copy: select the text.')
    }
  }
  return (
    <div class="copied">
      <pre>{text}</pre>
      <button type="button" onClick={copy}>
        Copy
      </button>{' '}
      <span role="status">{said}</span>
    </div>
  )
}
