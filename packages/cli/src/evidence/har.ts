import type { Evidence } from '@truehop/identity'
import { UsageError } from '../usage-error.js'
import { headerFields } from './header-fields.js'
import { headerLinesOf, isRecord } from './record.js'
import type { Sample } from './sample.js'

/**
 * The requests of an HTTP archive (HAR 1.2). An archive does not say who the connection came from:
 * `otherwise` does.
 *
 * @throws {UsageError} where it is none.
 */
export function* readHar(text: string, otherwise: Evidence): Generator<Sample> {
  let number = 0
  for (const entry of entriesOf(text)) {
    number++
    const request = isRecord(entry) ? entry['request'] : undefined
    const lines = isRecord(request) ? headerLinesOf(request['headers']) : []
    const headers = { ...otherwise.headers, ...headerFields(lines) }
    yield { number, evidence: { ...otherwise, headers } }
  }
}

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
  throw new UsageError('the file is no HTTP archive: it has no log.entries')
}
