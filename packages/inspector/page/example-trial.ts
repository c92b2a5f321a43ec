import type { Hop, Policy } from '@truehop/identity/portable'
import { parsePrefix } from '@truehop/ip'
import { tryEvidence } from '../src/serve/trial.js'
import type { Trial } from '../src/view/view.js'

const CLIENT = '198.51.100.7'

/** One peer of each range that has a name. */
const NAMED: Readonly<Record<string, string>> = {
  any: '10.0.0.5',
  private: '10.0.0.5',
  loopback: '127.0.0.1',
  linklocal: 'fe80::5',
  uniquelocal: 'fd00::5',
  cgnat: '100.64.0.5',
  unix: 'unix',
  event: 'event',
}

/** Forms in which hops write one address. */
const VALUES = [
  `192.0.2.66, ${CLIENT}`,
  CLIENT,
  `${CLIENT}:51442`,
  `for=192.0.2.66, for=${CLIENT}`,
  `192.0.2.66, ${CLIENT}, 203.0.113.5`,
]

/** Evidence under which a policy names a client, if it is one that names any. */
export function exampleTrial(policy: Policy): Trial {
  const { hops } = policy.current
  const peer = peerOf(hops[0])
  const proxy = hops.some(({ asserts }) => asserts === 'proxy-protocol')
    ? `PROXY TCP4 ${CLIENT} 10.0.0.5 51442 443`
    : ''
  const names = new Set(hops.map(({ asserts }) => asserts))
  names.delete('proxy-protocol')
  names.delete('nothing')
  const trials = VALUES.map((value) => ({
    peer,
    proxy,
    headers: [...names].map((name) => `${name}: ${value}`).join('\n'),
  }))
  return trials.find((trial) => clientOf(policy, trial) === CLIENT) ?? { peer, proxy, headers: '' }
}

function clientOf(policy: Policy, trial: Trial): string | undefined {
  const result = tryEvidence(policy, trial)
  return 'walk' in result ? result.walk.outcome.client : undefined
}

function peerOf(hop: Hop | undefined): string {
  const [entry] = hop?.entries.filter((known) => typeof known === 'string') ?? []
  if (entry === undefined) return CLIENT
  return NAMED[entry] ?? parsePrefix(entry).address.text
}
