import {
  connectionRefusal,
  type Evidence,
  explain,
  formatExplanation,
  type Policy,
} from '@truehop/identity/portable'
import { parseAddress } from '@truehop/ip'
import { decode, type ProxyHeader } from '@truehop/proxy-protocol/wire'
import { UNMASKED } from '../view/address-mask.js'
import type { Trial, TrialField, TrialResult } from '../view/view.js'
import { walkView } from '../view/walk-view.js'
import { typedHeader, typedProxyLine } from './form-text.js'

/** Maximum number of characters in each field. */
export const MAX_FIELD = 16_384
/** As many as a policy can ask for in a row. */
const MAX_PROXY_HEADERS = 16

class TrialProblem extends Error {
  readonly field: TrialField

  constructor(field: TrialField, message: string) {
    super(message)
    this.field = field
  }
}

/**
 * Explains evidence from the form. Runs in a browser as well as on the server; accepts anything,
 * and says for each field what is wrong with it.
 */
export function tryEvidence(policy: Policy, trial: unknown): TrialResult {
  const problems: { field: TrialField; message: string }[] = []
  const read = <T>(field: TrialField, parse: (text: string) => T): T | undefined => {
    try {
      return parse(fieldOf(trial, field))
    } catch (error) {
      if (!(error instanceof TrialProblem)) throw error
      problems.push({ field, message: error.message })
      return undefined
    }
  }
  const evidence: Evidence = {
    peer: read('peer', peerOf),
    proxyHeaders: read('proxy', proxyHeadersOf),
    headers: read('headers', headersOf),
  }
  if (problems.length > 0) return { problems }
  const refused = connectionRefusal(policy, evidence)
  if (refused !== undefined) return { refused }
  const explanation = explain(policy, evidence)
  return {
    walk: walkView(explanation, policy, UNMASKED),
    text: formatExplanation(explanation),
  }
}

function fieldOf(trial: unknown, field: TrialField): string {
  const value = (trial as Partial<Record<TrialField, unknown>> | null | undefined)?.[field] ?? ''
  if (typeof value !== 'string') throw new TrialProblem(field, 'Expected a string.')
  if (value.length <= MAX_FIELD) return value
  throw new TrialProblem(field, `Longer than ${MAX_FIELD} characters.`)
}

function peerOf(text: string): string {
  const peer = text.trim()
  if (peer === 'unix' || peer === 'event' || parseAddress(peer) !== undefined) return peer
  if (peer === '') throw new TrialProblem('peer', 'Write where the connection comes from.')
  throw new TrialProblem('peer', 'Write an address without a port, unix or event.')
}

/** Text headers are written one per line; anything else is read as bytes in hexadecimal. */
function proxyHeadersOf(text: string): ProxyHeader[] {
  const lines = text
    .split('\n')
    .map(typedProxyLine)
    .filter((line) => line !== '')
  if (lines.length === 0) return []
  const isText = lines.every((line) => line.startsWith('PROXY'))
  const bytes = isText
    ? new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(''))
    : hexBytes(lines.join(''))
  return decodeAll(bytes)
}

function hexBytes(text: string): Uint8Array {
  const digits = text.replace(/0x|\\x|[\s:,]/gi, '')
  if (!/^([0-9a-f]{2})+$/i.test(digits)) {
    throw new TrialProblem('proxy', 'Write PROXY TCP4 …, or the bytes as pairs of hex digits.')
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function decodeAll(bytes: Uint8Array): ProxyHeader[] {
  const headers: ProxyHeader[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const result = decode(bytes.subarray(offset))
    if (result.status === 'malformed')
      throw new TrialProblem('proxy', `${result.message} [${result.code}]`)
    if (result.status === 'incomplete')
      throw new TrialProblem('proxy', 'The header ends too early.')
    if (result.status === 'absent')
      throw new TrialProblem('proxy', 'These bytes are not a PROXY header.')
    if (headers.push(result.header) > MAX_PROXY_HEADERS) {
      throw new TrialProblem('proxy', `More than ${MAX_PROXY_HEADERS} headers.`)
    }
    offset += result.byteLength
  }
  return headers
}

/** Repeated lines are joined as Node joins them. */
function headersOf(text: string): Record<string, string> {
  const headers = new Map<string, string>()
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    const header = typedHeader(line)
    if (header === undefined) {
      throw new TrialProblem(
        'headers',
        `Write Name: value on each line, not “${line.slice(0, 60)}”.`,
      )
    }
    const key = header.name.toLowerCase()
    const before = headers.get(key)
    headers.set(key, before === undefined ? header.value : `${before}, ${header.value}`)
  }
  return Object.fromEntries(headers)
}

export type { Trial, TrialResult }
