/** Belong to one connection, RFC 9110 section 7.6.1. Node writes its own `transfer-encoding`. */
const HOP_BY_HOP = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** How a request is passed on. */
export interface Onward {
  /** One more entry at the end of `X-Forwarded-For`. */
  readonly client: string
  /** The protocol it asks for. */
  readonly upgrade?: string
}

/** Raw headers as a proxy passes them on: without those of the connection, and with its own. */
export function onward(raw: readonly string[], request?: Onward): string[] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? ''])
  const named = new Set(
    valuesOf(pairs, 'connection').flatMap((value) => value.toLowerCase().split(/[\s,]+/)),
  )
  const kept = pairs.filter(([name]) => {
    const key = name.toLowerCase()
    return !HOP_BY_HOP.has(key) && !named.has(key) && (request === undefined || key !== XFF)
  })
  if (request === undefined) return kept.flat()
  const { client, upgrade } = request
  const list = [...valuesOf(pairs, XFF), client].join(', ')
  const connection = upgrade === undefined ? ['close'] : ['Upgrade', 'Upgrade', upgrade]
  const isChunked = valuesOf(pairs, 'transfer-encoding').length > 0
  const body = isChunked ? ['Transfer-Encoding', 'chunked'] : []
  return [...kept.flat(), 'X-Forwarded-For', list, 'Connection', ...connection, ...body]
}

const XFF = 'x-forwarded-for'

const valuesOf = (pairs: readonly (readonly [string, string])[], wanted: string): string[] =>
  pairs.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
