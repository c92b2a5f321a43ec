import type { PolicyView } from './view.js'

/**
 * The same for two policies that say the same, whatever their versions are and however many prefixes
 * a live source has at this moment.
 */
export function policyKey({ hops, maxHops, onConflict, proxyProtocol }: PolicyView): string {
  const rules = hops.map(({ ranges, ...rule }) => [rule, ranges.map(({ name }) => name)])
  return JSON.stringify([rules, maxHops, onConflict, proxyProtocol])
}
