import type { Evidence } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import { decode, encode, type ProxyHeader } from '@truehop/proxy-protocol'
import { fetchSnapshot, inspectorUrl } from '../inspect/snapshot.js'
import { messageOf, UsageError } from '../program/usage-error.js'
import { isRecord } from './record.js'

/** Milliseconds for the inspector to answer. */
const TIMEOUT = 10_000

/**
 * The evidence of the decisions that a running service's inspector keeps. An inspector shows the
 * headers that name a client, and no others.
 *
 * @throws {UsageError} if nothing answers like an inspector, or addresses are masked.
 */
export async function inspectedEvidence(text: string): Promise<Evidence[]> {
  const url = inspectorUrl(text)
  const snapshot = await snapshotOf(url)
  if (snapshot['address'] !== 'full') {
    throw new UsageError(
      `${url.href} shows addresses masked, and no policy can be read from those; set address: 'full' in the inspector`,
    )
  }
  const decisions = snapshot['decisions']
  return Array.isArray(decisions) ? decisions.flatMap(evidenceIn) : []
}

async function snapshotOf(url: URL): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value = await fetchSnapshot(url, { headers: [], timeout: TIMEOUT })
    if (isRecord(value)) return value
    throw new Error('what it sends is not an object')
  } catch (error) {
    throw new UsageError(`${url.href} is not an inspector that can be read: ${messageOf(error)}`)
  }
}

function evidenceIn(decision: unknown): Evidence[] {
  const walk = isRecord(decision) ? decision['walk'] : undefined
  if (!isRecord(walk)) return []
  const peer = walk['peer']
  if (typeof peer !== 'string') return []
  const steps = textsIn(walk['steps'], 'asserts', 'entry')
  const ignored = textsIn(walk['ignored'], 'source', 'text')
  const read = new Map<string, string[]>()
  // What was not read is left of what was; a list is read from the right.
  for (const [name, text] of [...ignored, ...steps.toReversed()]) {
    read.set(name, [...(read.get(name) ?? []), text])
  }
  const proxy = steps.filter(([name]) => name === 'proxy-protocol').map(([, text]) => text)
  read.delete('proxy-protocol')
  const headers = Object.fromEntries([...read].map(([name, texts]) => [name, texts.join(', ')]))
  return [{ peer, headers, proxyHeaders: proxy.flatMap(proxyHeaderIn) }]
}

function textsIn(list: unknown, name: string, text: string): [string, string][] {
  if (!Array.isArray(list)) return []
  return list.flatMap((one) => {
    if (!isRecord(one)) return []
    const [key, value] = [one[name], one[text]]
    return typeof key === 'string' && typeof value === 'string' ? [[key, value]] : []
  })
}

/** The source in `v2 PROXY INET STREAM 198.51.100.7:51442 > 10.0.1.30:443`, as a header. */
function proxyHeaderIn(text: string): ProxyHeader[] {
  const source = /^v[12] PROXY \S+ \S+ \[?([\d.a-f:]+?)\]?:\d+ > /.exec(text)?.[1]
  const address = source === undefined ? undefined : parseAddress(source)
  if (address === undefined) return []
  const end = { address: address.text, port: 0 }
  const family = address.family === 4 ? 'INET' : 'INET6'
  const result = decode(
    encode({
      version: 2,
      command: 'PROXY',
      family,
      transport: 'STREAM',
      source: end,
      destination: end,
      tlvs: [],
    }),
  )
  return result.status === 'complete' ? [result.header] : []
}
