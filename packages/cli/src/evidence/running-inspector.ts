import type { Evidence } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import { decode, encode, type ProxyHeader } from '@truehop/proxy-protocol'
import { messageOf, UsageError } from '../program/usage-error.js'
import { isRecord } from './record.js'

/** Milliseconds for the inspector to answer. */
const TIMEOUT = 10_000
/** Maximum size of its first message. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * The evidence of the decisions that a running service's inspector keeps. An inspector shows the
 * headers that name a client, and no others.
 *
 * @throws {UsageError} if nothing answers like an inspector, or addresses are masked.
 */
export async function inspectedEvidence(url: string): Promise<Evidence[]> {
  const update = await firstUpdate(new URL('events', url.endsWith('/') ? url : `${url}/`))
  if (update['address'] !== 'full') {
    throw new UsageError(
      `${url} shows addresses masked, and no policy can be read from those; set address: 'full' in the inspector`,
    )
  }
  const decisions = update['decisions']
  return Array.isArray(decisions) ? decisions.flatMap(evidenceIn) : []
}

async function firstUpdate(url: URL): Promise<Readonly<Record<string, unknown>>> {
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(new Error('no answer in time')), TIMEOUT)
  try {
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream' },
      // A redirect may lead where nobody asked to go, such as to an internal service whose answer
      // would be shown.
      redirect: 'manual',
      signal: ended.signal,
    })
    const type = response.headers.get('content-type') ?? ''
    if (!response.ok || !type.startsWith('text/event-stream') || response.body === null) {
      throw new Error(`it answers ${response.status} ${type}`)
    }
    const value: unknown = JSON.parse(await firstMessage(response.body))
    if (isRecord(value)) return value
    throw new Error('its first message is not an object')
  } catch (error) {
    throw new UsageError(`${url.href} is not an inspector that can be read: ${messageOf(error)}`)
  } finally {
    clearTimeout(timer)
    ended.abort()
  }
}

/** The data of the first event (HTML, section 9.2.6): its lines up to an empty one. */
async function firstMessage(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  const parts: string[] = []
  let size = 0
  for await (const bytes of body) {
    size += bytes.length
    if (size > MAX_BYTES) throw new Error('its first message is too long')
    parts.push(decoder.decode(bytes, { stream: true }))
    if (!bytes.includes(10)) continue
    // What follows the last empty line is not complete yet. An event without data is a comment.
    const events = parts.join('').split('\n\n').slice(0, -1)
    const data = events.map(dataOf).find((text) => text !== '')
    if (data !== undefined) return data
  }
  throw new Error('it ends before its first message')
}

function dataOf(event: string): string {
  const lines = event.split('\n').filter((line) => line.startsWith('data:'))
  return lines.map((line) => line.slice('data:'.length)).join('\n')
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
