/** Belong to one connection, RFC 9110 section 7.6.1. `transfer-encoding` is written anew by Node. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Raw headers as a proxy passes them on: those of the connection left out, and with `client` one
 * more entry at the end of `X-Forwarded-For`.
 */
export function onward(raw: readonly string[], client?: string): string[] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? ''])
  const named = new Set(
    valuesOf(pairs, 'connection').flatMap((value) => value.toLowerCase().split(/[\s,]+/)),
  )
  const kept = pairs.filter(([name]) => {
    const key = name.toLowerCase()
    return !HOP_BY_HOP.has(key) && !named.has(key) && (client === undefined || key !== XFF)
  })
  if (client === undefined) return kept.flat()
  const list = [...valuesOf(pairs, XFF), client].join(', ')
  const isChunked = valuesOf(pairs, 'transfer-encoding').length > 0
  const body = isChunked ? ['Transfer-Encoding', 'chunked'] : []
  return [...kept.flat(), 'X-Forwarded-For', list, 'Connection', 'close', ...body]
}

const XFF = 'x-forwarded-for'

const valuesOf = (pairs: readonly (readonly [string, string])[], wanted: string): string[] =>
  pairs.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
