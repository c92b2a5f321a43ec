import { headerName } from '@truehop/identity/adapter'
import type { HopContract } from '../hop-contract.js'

/** What Envoy, and the gateways made of it, are to do with the headers of a request. */
export interface EnvoyHeaders {
  /** Taken away before anything else. */
  readonly remove: readonly string[]
  /** Written over what is there. */
  readonly set: readonly (readonly [name: string, value: string])[]
  readonly notes: readonly string[]
}

const PEER = '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%'
const VALUES = { host: '%REQ(:AUTHORITY)%', port: '%DOWNSTREAM_LOCAL_PORT%' }

/**
 * Envoy extends `X-Forwarded-For` by the peer's address, and writes `X-Forwarded-Proto` itself. It
 * has no condition on the address: what a further hop may write is passed on, and the policy looks
 * at whether it was one. What it would believe from this hop too is removed for every peer.
 */
export function envoyHeaders(contract: HopContract): EnvoyHeaders {
  const { sends, asserts, trusted, counted, original, clear } = contract
  const kept = clear.filter(
    ({ name, keepFrom, believed }) => keepFrom.length > 0 && !believed && !isOriginal(name),
  )
  const drop = clear.filter(({ name }) => !kept.some((one) => one.name === name))
  const restart = sends === 'x-forwarded-for' && !counted && trusted.length === 0
  const parts = original.flatMap((part) =>
    part === 'proto' ? [] : [[headerName(`x-forwarded-${part}`), VALUES[part]] as const],
  )
  return {
    remove: [...drop.map(({ name }) => name), ...(restart ? [asserts] : [])].map(headerName),
    set: [...(sends === 'single' ? [[headerName(asserts), PEER] as const] : []), ...parts],
    notes: kept.map(
      ({ name }) =>
        `${headerName(name)} is passed on: the policy believes it only behind ${name === asserts ? 'this hop' : 'the hop that writes it'}, by its address.`,
    ),
  }
}

const isOriginal = (name: string): boolean => /^x-forwarded-(proto|host|port)$/.test(name)
