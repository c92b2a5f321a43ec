import type { Trial } from '../src/view/view.js'

/** What a link to the playground has: the policy as it was typed, and the evidence. */
export interface SharedTrial {
  readonly policy: string
  readonly trial: Trial
}

const NAME = 'try='
/** Characters of a fragment that is read: mail programs and chats cut longer links. */
const MAX_FRAGMENT = 32_768

/** A fragment, which no browser sends to a server. */
export function fragmentOf({ policy, trial }: SharedTrial): string | undefined {
  const { peer, proxy, headers } = trial
  const bytes = new TextEncoder().encode(JSON.stringify([policy, peer, proxy, headers]))
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const text = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  return text.length > MAX_FRAGMENT ? undefined : `#${NAME}${text}`
}

/** Undefined for anything that `fragmentOf` did not write. */
export function sharedIn(fragment: string): SharedTrial | undefined {
  const text = fragment.replace(/^#/, '')
  if (!text.startsWith(NAME) || text.length > MAX_FRAGMENT + NAME.length) return undefined
  try {
    const binary = atob(text.slice(NAME.length).replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (!Array.isArray(value) || value.length !== 4) return undefined
    const [policy, peer, proxy, headers] = value.map((part) =>
      typeof part === 'string' ? part : '',
    )
    return {
      policy: policy ?? '',
      trial: { peer: peer ?? '', proxy: proxy ?? '', headers: headers ?? '' },
    }
  } catch {
    return undefined
  }
}
