import { UsageError } from '../../program/usage-error.js'
import { type Reading, type Sender, type Treatment, treatments } from './sender.js'
import { at } from './tree.js'

/**
 * What `describe-target-group-attributes` and `describe-load-balancer-attributes` print.
 *
 * @throws {UsageError} for a text that is not JSON, or has no list of attributes.
 */
export function readAwsAttributes(text: string): Reading {
  const listed = at(parsed(text), 'Attributes')
  if (!Array.isArray(listed)) {
    throw new UsageError('the attributes cannot be read: "Attributes" is not a list at the top')
  }
  const found = new Map<string, string>()
  for (const one of listed) {
    found.set(String(at(one, 'Key')), String(at(one, 'Value')))
  }
  const mode = found.get('routing.http.xff_header_processing.mode')
  // Of a target group for HTTP, for one: that it sends no header would be a guess.
  if (mode === undefined && !found.has('proxy_protocol_v2.enabled')) {
    const text = 'neither proxy_protocol_v2.enabled nor routing.http.xff_header_processing.mode'
    return { senders: [], notUnderstood: [{ place: 'Attributes', text }] }
  }
  const sender = mode === undefined ? network(found) : application(mode)
  return { senders: [{ ...BLANK, ...sender }], notUnderstood: [] }
}

const BLANK = { place: 'Attributes', to: undefined, trusts: [], checksWithHeader: undefined }

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError('the attributes cannot be read: they are not JSON; write --output json')
  }
}

type Own = Pick<Sender, 'http' | 'proxy' | 'treatment'>

/** Its health checks carry the header once it is enabled. */
function network(found: ReadonlyMap<string, string>): Own {
  const proxy = found.get('proxy_protocol_v2.enabled') === 'true'
  return { http: false, proxy, treatment: treatments(new Map()) }
}

const MODES: ReadonlyMap<string, Treatment> = new Map([
  ['append', 'append'],
  ['preserve', 'pass'],
  ['remove', 'clear'],
])

function application(mode: string): Own {
  const found = new Map<string, Treatment>([
    ['x-forwarded-for', MODES.get(mode) ?? 'pass'],
    ['x-forwarded-proto', 'set'],
    ['x-forwarded-port', 'set'],
  ])
  return { http: true, proxy: false, treatment: treatments(found) }
}
