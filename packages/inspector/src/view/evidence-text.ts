import type { Evidence, Explanation } from '@truehop/identity/portable'
import { encodeHeader, type ProxyHeader } from '@truehop/proxy-protocol/wire'
import type { Trial } from './view.js'

/** Characters of the evidence of one decision that are kept: more cannot be copied or tried again. */
const MAX_EVIDENCE = 2000

/**
 * The evidence of a decision as the form takes it: the headers that name a client, and no others.
 * Undefined if it is longer than what is kept, or if it cannot be written as text.
 */
export function evidenceText(evidence: Evidence, explanation: Explanation): Trial | undefined {
  const headers = namingHeaders(evidence, explanation)
  const proxy = proxyText(evidence.proxyHeaders ?? [])
  const { peer } = evidence
  if (peer === undefined || proxy === undefined) return undefined
  if (headers.length + proxy.length > MAX_EVIDENCE) return undefined
  return { peer, proxy, headers }
}

function namingHeaders({ headers = {} }: Evidence, explanation: Explanation): string {
  const { steps, ignored, conflicts } = explanation
  const sources = [...ignored, ...conflicts].map(({ source }) => source)
  const names = new Set([...steps.map(({ asserts }) => asserts), ...sources])
  const lines = [...names].flatMap((name) => {
    const value = headers[name]
    if (value === undefined) return []
    return [`${name}: ${typeof value === 'string' ? value : value.join(', ')}`]
  })
  return lines.join('\n')
}

/** Lines of version 1 where they say everything, the bytes in hexadecimal where they do not. */
export function proxyText(headers: readonly ProxyHeader[]): string | undefined {
  const lines = headers.map(lineOf)
  if (lines.every((line) => line !== undefined)) return lines.join('\n')
  try {
    return headers.map((header) => hexOf(encodeHeader(header))).join('\n')
  } catch {
    // The specification has no form for it, so no peer of ours can have sent it.
    return undefined
  }
}

function lineOf({ command, family, transport, source, destination, tlvs }: ProxyHeader) {
  const isPlain = command === 'PROXY' && transport === 'STREAM' && tlvs.length === 0
  if (!isPlain || source === undefined || destination === undefined) return undefined
  if (!('address' in source && 'address' in destination)) return undefined
  const word = family === 'INET' ? 'TCP4' : family === 'INET6' ? 'TCP6' : undefined
  if (word === undefined) return undefined
  return `PROXY ${word} ${source.address} ${destination.address} ${source.port} ${destination.port}`
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
