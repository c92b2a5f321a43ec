import { PeerSet } from '@truehop/ip'
import {
  boolean,
  callback,
  custom,
  type FieldsOf,
  type Report,
  receiverFields,
  show,
  timeout,
} from '@truehop/options'
import type { AcceptOptions, PeerMembership } from './accept-options.js'
import type { Refusal } from './refusal.js'

const CODE = 'bad-accept-option'
const EXAMPLE = "['10.0.0.0/16', 'loopback']"

const peers = custom<PeerMembership>(
  readPeers,
  'array of prefixes, addresses and range names, or an object with `has`',
  undefined,
)

/** What `acceptProxyProtocol` takes. */
export const ACCEPT_FIELDS = {
  from: peers({
    says: 'Peers that must send a header; any of them can claim to be any client.',
    required: true,
    code: CODE,
    hint: `name your proxies: write ${EXAMPLE}`,
  }),
  ...receiverFields(CODE),
  healthCheckFrom: peers({
    says: 'Health checkers that may connect without a header.',
    defaultSays: 'nobody',
    code: CODE,
  }),
  unsafeShortTimeout: boolean({
    says: 'Allows a `timeout` under 3000. For tests only.',
    default: false,
    code: CODE,
  }),
  onRefused: callback<(refusal: Refusal) => void>()({
    says: 'Called once for each refused connection.',
    code: CODE,
  }),
} satisfies FieldsOf<AcceptOptions>

/** The same, if a test asked for any `timeout`. */
export const UNSAFE_FIELDS = { ...ACCEPT_FIELDS, timeout: timeout(1, CODE) }

function readPeers(entries: unknown, path: string, report: Report): PeerMembership {
  if (isMembership(entries)) return entries
  const refuse = (message: string): PeerMembership => {
    report({ path, code: CODE, message })
    return PeerSet.from([])
  }
  if (typeof entries === 'string' || !isIterable(entries)) {
    return refuse(`must be an array such as ${EXAMPLE}, got ${show(entries)}`)
  }
  const all: readonly unknown[] = [...entries]
  const texts = all.filter((entry) => typeof entry === 'string')
  if (texts.length < all.length) {
    const wrong = all.find((entry) => typeof entry !== 'string')
    return refuse(`must contain strings such as '10.0.0.0/16', got ${show(wrong)}`)
  }
  if (texts.length === 0) {
    return refuse(`is empty; name the addresses they connect from, such as ${EXAMPLE}`)
  }
  try {
    return PeerSet.from(texts)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function isMembership(value: unknown): value is PeerMembership {
  return isObject(value) && !isIterable(value) && typeof Reflect.get(value, 'has') === 'function'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value
}
