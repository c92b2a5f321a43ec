import fc from 'fast-check'
import { type Claim, elementClaim, headerClaim, NOBODY, nodeClaim, poison } from './claims.js'
import type { SentRequest } from './connection.js'

/** A connection as it is sent, and what it claims. */
export interface Traffic {
  readonly from: string
  readonly before: Uint8Array
  readonly pipelined: boolean
  readonly requests: readonly TrafficRequest[]
  /** What the PROXY headers claim. */
  readonly proxyHeaders: readonly (string | null)[]
}

export interface TrafficRequest extends Omit<SentRequest, 'path'> {
  /** What each header claims, left to right. */
  readonly claims: Readonly<Record<HeaderName, readonly string[]>>
}

export type HeaderName = 'x-forwarded-for' | 'forwarded' | 'x-real-ip'

/** Who has to send PROXY headers under the policy, as peer and as source of another header. */
export interface Senders {
  readonly peer: string
  readonly source: string
}

/** Only the first of these is nobody's proxy. */
const PEERS = ['127.0.0.9', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']

interface Header {
  readonly lines: readonly string[]
  readonly claims: readonly string[]
}

const ABSENT: Header = { lines: [], claims: [] }

/** White space, empty elements and new lines of the header between two elements of a list. */
const gap = fc.constantFrom(', ', ', ', ',', ' ,\t', ',,', ' , , ', 'line')

function list(
  name: fc.Arbitrary<string>,
  element: fc.Arbitrary<Claim<string>>,
): fc.Arbitrary<Header> {
  const elements = fc.array(fc.tuple(element, gap), { minLength: 1, maxLength: 5 })
  const left = fc.option(poison, { freq: 4 })
  return fc.tuple(name, left, elements).map(([field, spoiled, parts]) => {
    const values = ['']
    const append = (text: string): void => {
      values.push((values.pop() ?? '') + text)
    }
    if (spoiled !== null) append(`${spoiled},`)
    for (const [claim, after] of parts) {
      append(claim.form)
      if (after === 'line') values.push('')
      else append(after)
    }
    const claims = parts.map(([claim]) => claim.means ?? NOBODY)
    return {
      lines: values.map((value) => `${field}: ${value}`),
      claims: spoiled === null ? claims : [NOBODY, ...claims],
    }
  })
}

const spelled = (name: string) => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase())

const single = fc
  .tuple(spelled('X-Real-IP'), nodeClaim, fc.constantFrom('one', 'one', 'one', 'list', 'lines'))
  .map(([name, { form, means }, times]): Header => {
    const line = `${name}: ${form}`
    if (times === 'one') return { lines: [line], claims: [means ?? NOBODY] }
    const lines = times === 'list' ? [`${line}, ${form}`] : [line, line]
    return { lines, claims: [NOBODY] }
  })

/** Claims in headers that no policy here has a rule for. */
const noise = fc.subarray([
  'CF-Connecting-IP: 203.0.113.66',
  'True-Client-IP: 203.0.113.66',
  'X-Client-IP: 203.0.113.66',
  'X_Forwarded_For: 203.0.113.66',
  'X-Forwarded-Host: 203.0.113.66',
  'Via: 1.1 203.0.113.66',
  'User-Agent: "203.0.113.66\\"',
])

const maybe = (header: fc.Arbitrary<Header>) => fc.option(header, { nil: ABSENT, freq: 4 })

const request: fc.Arbitrary<TrafficRequest> = fc
  .record({
    version: fc.constantFrom('1.1', '1.1', '1.0'),
    forwardedFor: maybe(list(spelled('X-Forwarded-For'), nodeClaim)),
    forwarded: maybe(list(spelled('Forwarded'), elementClaim)),
    realIp: maybe(single),
    noise,
  })
  .map(({ version, forwardedFor, forwarded, realIp, noise }) => ({
    version: version === '1.0' ? '1.0' : '1.1',
    lines: [...noise, ...realIp.lines, ...forwarded.lines, ...forwardedFor.lines],
    claims: {
      'x-forwarded-for': forwardedFor.claims,
      forwarded: forwarded.claims,
      'x-real-ip': realIp.claims,
    },
  }))

/** Connections as they come to a service that expects PROXY headers of these senders, if any. */
export function traffic(senders: Senders | undefined): fc.Arbitrary<Traffic> {
  return fc
    .record({
      from: fc.constantFrom(...PEERS),
      headers: fc.tuple(headerClaim, headerClaim),
      pipelined: fc.boolean(),
      requests: fc.array(request, { minLength: 1, maxLength: 4 }),
    })
    .map(({ from, headers, pipelined, requests }) => {
      const sent = headersSent(from, headers, senders)
      return {
        from,
        pipelined,
        requests,
        before: Buffer.concat(sent.map(({ form }) => form)),
        proxyHeaders: sent.map(({ means }) => means),
      }
    })
}

/** A second header only where the first names a sender: else it would be part of the payload. */
function headersSent(
  from: string,
  [first, second]: readonly [Claim<Uint8Array>, Claim<Uint8Array>],
  senders: Senders | undefined,
): readonly Claim<Uint8Array>[] {
  if (from !== senders?.peer) return []
  return first.means === senders.source ? [first, second] : [first]
}
