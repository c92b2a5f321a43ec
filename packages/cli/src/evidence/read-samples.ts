import type { Evidence } from '@truehop/identity'
import { UsageError } from '../program/usage-error.js'
import { readHar } from './har.js'
import { type Line, linesOf } from './lines.js'
import {
  LINE_FORMATS,
  type LineFormat,
  lineEvidence,
  lineFormatOf,
  readLogLine,
} from './log-line.js'
import { readRequest } from './raw-request.js'
import { holdsHeaders, isRecord, recordEvidence } from './record.js'
import type { Sample, Unreadable } from './sample.js'
import { unzipped } from './unzip.js'

export const FORMATS = ['auto', 'http', 'har', 'jsonl', 'ecs', ...LINE_FORMATS] as const
export type Format = (typeof FORMATS)[number]

/** Maximum size of a HAR, which is read whole. */
const MAX_HAR = 256 * 1024 * 1024
/** Maximum size of one request's head. */
const MAX_REQUEST = 1024 * 1024

/**
 * The requests in a file, which may be compressed by gzip. Lines of logs are read as a stream; a
 * record that cannot be used is yielded as such.
 *
 * @throws {UsageError} for a request or an archive that cannot be read.
 */
export async function* readSamples(
  source: AsyncIterable<Uint8Array>,
  format: Format,
  otherwise: Evidence,
): AsyncGenerator<Sample | Unreadable> {
  const lines = linesOf(unzipped(source))
  const first = await lines.next()
  if (first.done === true && format === 'auto') throw new UsageError(EMPTY)
  const kind = format === 'auto' ? guess(first.value?.text ?? '') : format
  if (kind !== 'http' && kind !== 'har') {
    let number = 0
    for (let line = first; line.done !== true; line = await lines.next()) {
      number++
      const { text, cut } = line.value
      if (text.trim() !== '') yield sampleOf(kind, number, cut ? undefined : text, otherwise)
    }
    return
  }
  const whole = await collect(first, lines, kind === 'har' ? MAX_HAR : MAX_REQUEST)
  if (kind === 'har') yield* readHar(whole.toString('utf8'), otherwise)
  else yield { number: 1, evidence: requestEvidence(whole, otherwise) }
}

const EMPTY = 'the input is empty; write --format jsonl if a log may be empty'

/** A line that is a whole JSON object is one of many; an archive begins with `{ "log": …`. */
function guess(line: string): Exclude<Format, 'auto'> {
  if (!/^\s*\{/.test(line)) return lineFormatOf(line) ?? 'http'
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) && isRecord(value['log']) && 'entries' in value['log'] ? 'har' : 'jsonl'
  } catch {
    return 'har'
  }
}

function sampleOf(
  kind: 'jsonl' | 'ecs' | LineFormat,
  number: number,
  line: string | undefined,
  otherwise: Evidence,
): Sample | Unreadable {
  if (line === undefined) return { number, fault: 'is longer than a line may be' }
  return kind === 'jsonl' || kind === 'ecs'
    ? jsonSample(number, line, otherwise)
    : lineSample(kind, number, line, otherwise)
}

function lineSample(
  format: LineFormat,
  number: number,
  text: string,
  otherwise: Evidence,
): Sample | Unreadable {
  const line = readLogLine(format, text)
  if (typeof line === 'string') return { number, fault: line }
  const lacksHeaders = line.forwardedFor === undefined && isEmpty(otherwise)
  return { number, evidence: lineEvidence(line, otherwise), lacksHeaders }
}

/** The command line gives no headers either. */
const isEmpty = ({ headers = {}, proxyHeaders = [] }: Evidence): boolean =>
  Object.keys(headers).length === 0 && proxyHeaders.length === 0

function jsonSample(number: number, line: string, otherwise: Evidence): Sample | Unreadable {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { number, fault: 'is not JSON' }
  }
  const evidence = recordEvidence(value, otherwise)
  if (typeof evidence === 'string') return { number, fault: evidence }
  return { number, evidence, lacksHeaders: !holdsHeaders(value) && isEmpty(otherwise) }
}

function requestEvidence(bytes: Buffer, otherwise: Evidence): Evidence {
  const { headers, proxyHeaders = [] } = readRequest(bytes)
  return {
    ...otherwise,
    headers: { ...otherwise.headers, ...headers },
    proxyHeaders: [...(otherwise.proxyHeaders ?? []), ...proxyHeaders],
  }
}

async function collect(
  first: IteratorResult<Line, void>,
  lines: AsyncGenerator<Line, void>,
  limit: number,
): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for (let line = first; line.done !== true; line = await lines.next()) {
    size += line.value.raw.length
    if (size > limit || line.value.cut)
      throw new UsageError(`the file is larger than ${limit} bytes`)
    parts.push(line.value.raw)
  }
  return Buffer.concat(parts)
}
