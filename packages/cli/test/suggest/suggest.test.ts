import { definePolicy, type Evidence, platforms, resolve } from '@truehop/identity'
import { describe, expect, test } from 'vitest'
import { NO_ANSWERS, type Proposal } from '../../src/suggest/proposal.js'
import { propose } from '../../src/suggest/propose.js'
import { heldOut, PLATFORMS, type Recorded, sampleOf, TOPOLOGIES } from './recorded.js'

function proposalFor(recorded: Recorded): Proposal {
  const samples = sampleOf(recorded).map(({ evidence }) => evidence)
  return propose(samples, { ...NO_ANSWERS, ...recorded.answers })
}

const decide = ({ policy }: Proposal, evidence: Evidence) =>
  resolve(definePolicy(policy), evidence).ip

describe('suggest', () => {
  test.each([...PLATFORMS, ...TOPOLOGIES])('finds the policy of $name', (recorded) => {
    const proposal = proposalFor(recorded)
    expect(proposal.outcome).toBe(recorded.isClient === true ? 'nobody' : 'proposed')
    const later = heldOut(recorded)
    expect(later.map(({ evidence }) => decide(proposal, evidence))).toEqual(
      later.map(({ address }) => (recorded.lost === true ? undefined : address)),
    )
  })

  test('knows every platform', () => {
    const tried = PLATFORMS.map(({ name }) => name.split(/[, ]/)[0])
    expect(platforms.filter(({ id }) => !tried.includes(id)).map(({ id }) => id)).toEqual([])
  })
})
