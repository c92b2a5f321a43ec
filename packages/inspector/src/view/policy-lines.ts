import type { Hop, PolicySnapshot } from '@truehop/identity/portable'
import { UNMASKED } from './address-mask.js'
import { listText } from './foreign-text.js'

/** Entries of one rule that are compared. */
const MAX_ENTRIES = 2000

/** A policy as lines, each of which stands for itself: for comparing two versions. */
export function policyLines(policy: PolicySnapshot): string[] {
  const { hops, maxHops, onConflict, proxyProtocol } = policy
  const { from: _, ...settings } = proxyProtocol ?? {}
  const order = hops.length === 0 ? 'no rules' : `rules: ${hops.map(({ name }) => name).join(', ')}`
  return [
    order,
    ...hops.flatMap(hopLines),
    `maxHops: ${maxHops}`,
    `onConflict: ${onConflict}`,
    ...Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
  ].map((line) => listText(line, UNMASKED))
}

function hopLines({ name, asserts, depth, required, entries }: Hop): string[] {
  const from = entries
    .slice(0, MAX_ENTRIES)
    .map((entry) => (typeof entry === 'string' ? entry : `${entry.name} (live ranges)`))
  const element = depth > 0 ? `, element ${depth} from the right` : ''
  return [
    `${name}: asserts ${asserts}${element}${required ? ', required' : ''}`,
    ...from.map((entry) => `${name}: from ${entry}`),
  ]
}
