import type { Evidence } from '@truehop/identity'
import { UsageError } from '../program/usage-error.js'
import { headerFields } from './header-fields.js'
import { headerLinesOf, isRecord } from './record.js'
import type { Sample, Unreadable } from './sample.js'

/**
 * The requests of an HTTP archive (HAR 1.2). An archive does not say who the connection came from:
 * `otherwise` does.
 *
 * @throws {UsageError} if it is not an archive, or `otherwise` does not say it either.
 */
export function* readHar(text: string, otherwise: Evidence): Generator<Sample | Unreadable> {
  let number = 0
  const entries = entriesOf(text)
  if (otherwise.peer === undefined) throw new UsageError(NO_PEER)
  for (const entry of entries) {
    number++
    const request = isRecord(entry) ? entry['request'] : undefined
    if (!isRecord(request)) {
      yield { number, fault: 'has no request' }
      continue
    }
    const headers = { ...otherwise.headers, ...headerFields(headerLinesOf(request['headers'])) }
    yield { number, evidence: { ...otherwise, headers } }
  }
}

const NO_PEER =
  'an HTTP archive does not contain the socket peer; write --peer ADDRESS, or --peer unix'

function entriesOf(text: string): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError('the file is neither JSON lines nor an HTTP archive')
  }
  const log = isRecord(value) ? value['log'] : undefined
  const entries = isRecord(log) ? log['entries'] : undefined
  if (Array.isArray(entries)) return entries
  throw new UsageError('the file is not an HTTP archive: it has no log.entries')
}
