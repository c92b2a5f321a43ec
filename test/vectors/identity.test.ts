import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { definePolicy, type HeaderFields, type PolicyOptions, resolve } from '@truehop/identity'
import { describe, expect, test } from 'vitest'

interface Case {
  readonly id: string
  readonly name: string
  readonly peer: string | null
  readonly headers: readonly (readonly [string, string])[]
  readonly policy: {
    readonly kind: 'cidr' | 'count' | 'single'
    readonly header: string
    readonly trusted?: readonly string[]
    readonly unix?: string
    readonly count?: number
    readonly via?: readonly string[]
  }
  readonly expect: { readonly clientIp?: string; readonly reason?: string; readonly error?: string }
}

const { cases } = JSON.parse(
  readFileSync(fileURLToPath(new URL('identity.json', import.meta.url)), 'utf8'),
) as { cases: readonly Case[] }

/** The vectors speak of lists, counts and single headers; the policy language has rules. */
function policyOf({ policy }: Case): PolicyOptions {
  const { kind, header, trusted = [], unix, count, via } = policy
  const from = unix === 'trust' ? [...trusted, 'unix'] : trusted
  if (kind !== 'count') return { hops: [{ from, asserts: header }] }
  return { hops: [{ from: via ?? ['any'], asserts: header, depth: count ?? Number.NaN }] }
}

/** Node's HTTP parsers lower-case names and join repeated lines with a comma. */
function asNodeJoins(lines: Case['headers']): HeaderFields {
  const fields: Record<string, string> = {}
  for (const [name, value] of lines) {
    const key = name.toLowerCase()
    const before = fields[key]
    fields[key] = before === undefined ? value : `${before}, ${value}`
  }
  return fields
}

function run(vector: Case): object {
  const evidence = { peer: vector.peer ?? undefined, headers: asNodeJoins(vector.headers) }
  let policy: ReturnType<typeof definePolicy>
  try {
    policy = definePolicy(policyOf(vector))
  } catch (error) {
    return { error: `config:${(error as { code?: string }).code}` }
  }
  const identity = resolve(policy, evidence)
  return identity.status === 'resolved'
    ? { clientIp: identity.ip, reason: identity.reason }
    : { error: identity.reason }
}

describe('identity vectors', () => {
  test('are all here', () => {
    expect(cases.length).toBeGreaterThanOrEqual(90)
  })

  for (const vector of cases) {
    test(`${vector.id} ${vector.name}: ${Object.values(vector.expect).join(', ')}`, () => {
      expect(run(vector)).toEqual(vector.expect)
    })
  }
})
