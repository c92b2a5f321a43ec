import { refuseUnknown, shown, whole } from './option-check.js'
import type { WiderLimit } from './options.js'
import { Quota, type QuotaSpec } from './quota.js'
import { RateLimitError } from './rate-limit-error.js'

/** The largest Integer of a structured field (RFC 9651 section 3.3.1). */
const MAX_INTEGER = 999_999_999_999_999
const WIDER_OPTIONS = ['name', 'limit', 'window', 'ipv4Prefix', 'ipv6Prefix']
const WIDER_EXAMPLE = '{ ipv4Prefix: 24, ipv6Prefix: 48, limit: 1000 }'

export function readName(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[\x20-\x7e]{1,128}$/.test(value)) return value
  throw new RateLimitError(
    'bad-limit-name',
    path,
    `${shown(value)} cannot stand in a header field; write 1 to 128 printable ASCII characters such as 'login'`,
  )
}

/** A number of quota units. */
export function readUnits(value: unknown, min: number, path: string): number {
  const hint =
    min === 1
      ? 'write a whole number of requests such as limit: 100; to shut a route out, use an allowlist'
      : 'a wider network holds more clients: write more than the limit before it'
  return whole(value, path, { min, max: MAX_INTEGER, code: 'bad-limit', hint })
}

export function readSeconds(value: unknown, min: number, max: number, path: string): number {
  const hint = 'the unit is the second: write 60 for a minute. Memory holds at most 24.8 days'
  return whole(value, path, { min, max, code: 'bad-window', hint })
}

/** A number of leading bits. */
export function readPrefix(value: unknown, max: number, path: string): number {
  const hint = `write a number of leading bits such as ${max}`
  return whole(value, path, { min: 0, max, code: 'bad-limit-prefix', hint })
}

/** The quotas on wider networks, each wider and larger than the one before it. */
export function readWider(
  inputs: readonly WiderLimit[],
  base: QuotaSpec,
  path: string,
  maxSeconds: number,
): Quota[] {
  if (!Array.isArray(inputs)) {
    throw new RateLimitError(
      'bad-limit-option',
      path,
      `${shown(inputs)} is no array; write [${WIDER_EXAMPLE}]`,
    )
  }
  const quotas: Quota[] = []
  let narrower = base
  for (const [i, input] of inputs.entries()) {
    const spec = readOne(input, base, narrower, `${path}[${i}]`, maxSeconds)
    quotas.push(new Quota(spec, true))
    const { ipv4Prefix = narrower.ipv4Prefix, ipv6Prefix = narrower.ipv6Prefix } = spec
    narrower = { ...spec, ipv4Prefix, ipv6Prefix }
  }
  return quotas
}

function readOne(
  input: WiderLimit,
  base: QuotaSpec,
  narrower: QuotaSpec,
  path: string,
  maxSeconds: number,
): QuotaSpec {
  refuseUnknown(input, WIDER_OPTIONS, path, WIDER_EXAMPLE)
  const ipv4Prefix = readShorter(input.ipv4Prefix, narrower.ipv4Prefix, `${path}.ipv4Prefix`)
  const ipv6Prefix = readShorter(input.ipv6Prefix, narrower.ipv6Prefix, `${path}.ipv6Prefix`)
  const widths = [ipv4Prefix, ipv6Prefix].filter((width) => width !== undefined)
  if (widths.length === 0) {
    throw new RateLimitError('bad-limit-prefix', path, `names no network; write ${WIDER_EXAMPLE}`)
  }
  const { name = `${base.name}/${widths.join('-')}`, window = base.window } = input
  return {
    name: readName(name, `${path}.name`),
    limit: readUnits(input.limit, narrower.limit + 1, `${path}.limit`),
    window: readSeconds(window, 1, maxSeconds, `${path}.window`),
    blockDuration: 0,
    ipv4Prefix,
    ipv6Prefix,
  }
}

function readShorter(
  value: number | undefined,
  narrower: number | undefined,
  path: string,
): number | undefined {
  if (value === undefined) return undefined
  if (narrower !== 0) return readPrefix(value, (narrower ?? 1) - 1, path)
  throw new RateLimitError(
    'bad-limit-prefix',
    path,
    'the limit before it counts everyone; leave it out',
  )
}
