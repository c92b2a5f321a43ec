import { headerName } from '@truehop/identity/adapter'
import { type Prefix, parsePrefix } from '@truehop/ip'
import type { Place } from '../../listen/listening.js'
import { placeText } from '../../listen/listening.js'
import type { HopContract } from '../hop-contract.js'
import type { Sender } from './sender.js'

/** Where a configuration and a policy disagree. Each has a heading in docs/errors.md. */
export const PAIR_CODES = [
  'sends-no-header',
  'sends-unexpected-header',
  'passes-believed-header',
  'trusts-too-much',
  'check-without-header',
  'no-such-upstream',
] as const

export type PairCode = (typeof PAIR_CODES)[number]

export interface PairFinding {
  readonly place: string
  readonly code: PairCode
  readonly message: string
}

/** Compares every way to the service, or to `upstream` alone, with what the policy expects. */
export function compare(
  senders: readonly Sender[],
  contract: HopContract,
  upstream?: Place,
): readonly PairFinding[] {
  const wanted = upstream === undefined ? undefined : placeText(upstream)
  const chosen = senders.filter(
    ({ to }) => wanted === undefined || to === undefined || to === wanted,
  )
  if (chosen.length === 0) return [nobody(wanted)]
  return chosen.flatMap((sender) =>
    contract.sends === 'proxy-protocol'
      ? [...proxyFindings(sender, contract), ...headerFindings(sender, contract)]
      : [
          ...unexpected(sender),
          ...clientHeader(sender, contract),
          ...headerFindings(sender, contract),
        ],
  )
}

function nobody(wanted: string | undefined): PairFinding {
  const where = wanted === undefined ? 'anywhere' : `to ${wanted}`
  return {
    place: '1',
    code: 'no-such-upstream',
    message: `nothing in this configuration sends ${where}; check that it is the file of the hop in front, and --upstream`,
  }
}

function proxyFindings(
  { place, proxy, checksWithHeader }: Sender,
  { optional, plainChecks }: HopContract,
): PairFinding[] {
  const found: PairFinding[] = []
  if (!proxy && !optional) {
    const message = 'sends no PROXY header, and the policy expects one: every connection is refused'
    found.push({ place, code: 'sends-no-header', message })
  }
  if (checksWithHeader === false && !optional && !plainChecks) {
    const message =
      'checks health without a PROXY header, and the policy refuses it: the service looks down; let the check send one, or name the checker in proxyProtocol.healthCheckFrom'
    found.push({ place, code: 'check-without-header', message })
  }
  return found
}

function unexpected({ place, proxy }: Sender): PairFinding[] {
  if (!proxy) return []
  const message =
    'sends a PROXY header to a service that expects none: it is read as the beginning of a request, and refused'
  return [{ place, code: 'sends-unexpected-header', message }]
}

function clientHeader(sender: Sender, { sends, asserts }: HopContract): PairFinding[] {
  const { place, http } = sender
  const name = headerName(asserts)
  if (!http) {
    const message = `does not read HTTP, so it cannot write ${name}; what the client wrote is believed`
    return [{ place, code: 'sends-no-header', message }]
  }
  const treatment = sender.treatment(asserts)
  if (treatment === 'set' || treatment === 'guarded') return []
  if (treatment === 'append' && sends !== 'single') return []
  if (treatment === 'clear') {
    const message = `removes ${name}, which the policy reads: every client looks like the hop`
    return [{ place, code: 'sends-no-header', message }]
  }
  const message =
    treatment === 'append'
      ? `extends ${name}, which the policy reads as one address: a client's own makes it unreadable; set it instead`
      : `does not write ${name}: the policy believes what the client wrote there`
  return [{ place, code: 'passes-believed-header', message }]
}

function headerFindings(sender: Sender, contract: HopContract): PairFinding[] {
  if (!sender.http) return []
  const { place } = sender
  const isOpen = (name: string) => ['pass', 'append'].includes(sender.treatment(name))
  const open = contract.clear.filter(({ name, believed }) => believed && isOpen(name))
  const said = contract.sends === 'forwarded' ? [] : contract.original
  const forged = said.map((part) => `x-forwarded-${part}`).filter(isOpen)
  return [...open.map(({ name }) => name), ...forged]
    .map((name): PairFinding => {
      const message = `passes ${headerName(name)} on as the client wrote it, and the policy believes it; set it or clear it`
      return { place, code: 'passes-believed-header', message }
    })
    .concat(trustFindings(sender, contract))
}

function trustFindings({ place, trusts }: Sender, { trusted }: HopContract): PairFinding[] {
  const allowed = trusted.map((text) => parsePrefix(text))
  return trusts
    .filter((text) => !isWithin(text, allowed))
    .map((text) => ({
      place,
      code: 'trusts-too-much' as const,
      message: `takes the client's address from ${text}, which the policy does not name as a further hop; leave it out, or give it a rule`,
    }))
}

function isWithin(text: string, allowed: readonly Prefix[]): boolean {
  const prefix = prefixIn(text)
  if (prefix === undefined) return false
  return allowed.some((wider) => wider.length <= prefix.length && wider.contains(prefix.address))
}

function prefixIn(text: string): Prefix | undefined {
  try {
    return parsePrefix(text)
  } catch {
    return undefined
  }
}
