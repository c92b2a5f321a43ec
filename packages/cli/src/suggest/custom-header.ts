import { definePolicy, type Evidence, PolicyError } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import { CLAIMS, textOf } from './headers.js'
import type { Entry } from './proposal.js'

/** Names looked at: a client can send as many as the server reads. */
const MAX_NAMES = 64

/** Headers that may be an address and never name a client. */
const NEVER = new Set([
  'host',
  ':authority',
  'x-forwarded-host',
  'x-forwarded-server',
  'x-host',
  'nothing',
])

/**
 * Rules for headers that no proxy is known to write, whose value is one address on every request:
 * a proxy was configured to name its client in a custom header. In the form that the values have.
 */
export function customRules(
  samples: readonly Evidence[],
  from: readonly string[],
  name: string,
): Entry[] {
  const [first] = samples
  const names = Object.keys(first?.headers ?? {}).filter((header) => isUnknown(header))
  return names.slice(0, MAX_NAMES).flatMap((header) => {
    const form = formOf(samples.map((evidence) => textOf(evidence, header)))
    if (form === undefined) return []
    const rule = { name, from, asserts: header, custom: true }
    const made = form === 'address' ? rule : { ...rule, form }
    return isRule(made) ? [made] : []
  })
}

/** False for names that no policy has, such as `cf_connecting_ip`: a client can send any. */
function isRule(rule: Entry): boolean {
  try {
    definePolicy({ hops: [rule] })
    return true
  } catch (error) {
    if (error instanceof PolicyError) return false
    throw error
  }
}

function isUnknown(header: string): boolean {
  return !CLAIMS.includes(header) && !NEVER.has(header)
}

/** The form that all the values have; undefined where one of them is absent or not an address. */
function formOf(values: readonly (string | undefined)[]): 'address' | 'address:port' | undefined {
  if (values.every((text) => text !== undefined && isBeforePort(text))) {
    // Bare IPv6 with a port may read as another address: one plain sign of a port decides.
    const hasPort = values.some((text) => text !== undefined && parseAddress(text) === undefined)
    return hasPort ? 'address:port' : 'address'
  }
  return values.every((text) => text !== undefined && parseAddress(text) !== undefined)
    ? 'address'
    : undefined
}

function isBeforePort(text: string): boolean {
  const match = /^(.+):(\d{1,5})$/.exec(text)
  if (match === null) return false
  const [, address = '', port = ''] = match
  return Number(port) <= 65_535 && parseAddress(address.replace(/^\[(.*)\]$/, '$1')) !== undefined
}
