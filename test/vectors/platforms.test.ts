import { readFileSync } from 'node:fs'
import { definePolicy, type PolicyOptions, resolve } from '@truehop/identity'
import { describe, expect, test } from 'vitest'

interface PlatformCase {
  readonly id: string
  readonly policy: PolicyOptions
  readonly peer: string
  readonly headers: Readonly<Record<string, string>>
  /** Null: undetermined. */
  readonly want: string | null
  readonly protocol?: string
  readonly note: string
}

const cases: PlatformCase[] = JSON.parse(
  readFileSync(new URL('platforms.json', import.meta.url), 'utf8'),
)

describe('requests as platforms send them', () => {
  test.each(cases)('$id: $note', ({ policy, peer, headers, want, protocol }) => {
    const identity = resolve(definePolicy(policy), { peer, headers, proxyHeaders: [] })
    expect(identity.status === 'resolved' ? identity.ip : null).toBe(want)
    if (protocol !== undefined) expect(identity.protocol).toBe(protocol)
  })
})
