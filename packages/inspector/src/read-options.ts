import { PeerSet, PrefixError } from '@truehop/ip'
import {
  codeIn,
  custom,
  type FieldsOf,
  integer,
  type Report,
  readOptions,
  show,
} from '@truehop/options'
import { INSPECTOR_ERROR_CODES, InspectorError } from './inspector-error.js'
import type { ActionTargets, InspectorOptions, InspectorSettings } from './options.js'
import { HostNames, hostName } from './serve/host-names.js'
import type { AddressPrivacy, AddressSetting } from './view/address-mask.js'

/** What each option takes; the check, its message and the documentation come from here. */
export const INSPECTOR_OPTIONS = {
  allow: custom<PeerSet>(
    readAllowed,
    'array of prefixes, addresses and range names',
    undefined,
  )({
    says: 'Who may see the page: prefixes, addresses, `loopback`, `linklocal`, `uniquelocal`, `private`, `any`.',
    see: 'inspector.md#who-may-see-it',
    required: true,
    code: 'missing-allow',
    hint: "nobody sees the page unless you say who may: write allow: ['loopback'] or the prefixes of your operators",
  }),
  address: custom<AddressSetting>(
    readAddress,
    "`'full'`, `'truncated'`, or what `addressPrivacy({ address: 'hmac', hmac: { key } })` of @truehop/log returns",
    undefined,
  )({
    says: "How addresses of clients are shown, as in the access log: `'truncated'` cuts them to /24 and /48. Ports are shown with `'full'` only.",
    default: 'full',
    see: 'logging.md#privacy',
  }),
  hosts: custom<HostNames>(
    readHosts,
    'array of host names',
    undefined,
  )({
    says: "Names under which the page may be asked for, without port: `['ops.example.com']`. Addresses and `localhost` always are.",
  }),
  keep: integer({
    says: 'How many decisions, and how many anomalies of each kind, are kept for viewing.',
    least: 10,
    most: 2000,
    default: 200,
  }),
  maxViewers: integer({
    says: 'How many pages may be open at the same time. Further ones are answered 503 and try again.',
    least: 1,
    most: 200,
    default: 10,
  }),
  actions: custom<ActionTargets>(
    readActions,
    '`{ limits, lists }`: objects of limiters and of shared entries by name',
    undefined,
  )({
    says: 'Limits and lists that operators may change from the page, by name. Off unless named; everybody in `allow` may.',
    see: 'inspector.md#limits-and-lists',
  }),
} satisfies FieldsOf<InspectorOptions>

/** @throws {InspectorError} for anything that would have to be guessed. */
export function inspectorSettings(options: InspectorOptions): InspectorSettings {
  const { hosts = new HostNames([]), ...settings } = readOptions(
    INSPECTOR_OPTIONS,
    options,
    ({ code, path, message }) =>
      new InspectorError(codeIn(INSPECTOR_ERROR_CODES, code, 'bad-option'), path, message),
    { says: '', hint: "write { allow: ['loopback'] }" },
  )
  return { ...settings, hosts }
}

function readAddress(value: unknown, path: string, report: Report): AddressSetting {
  if (value === 'full' || value === 'truncated' || isPrivacy(value)) return value
  const message = `must be 'full', 'truncated' or what addressPrivacy() of @truehop/log returns, got ${show(value)}`
  report({ path, code: 'bad-option', message })
  return 'full'
}

function isPrivacy(value: unknown): value is AddressPrivacy {
  const { form, redact } = (value ?? {}) as Partial<AddressPrivacy>
  return typeof form === 'string' && typeof redact === 'function'
}

/** Names of one kind: the page has a choice of them. */
const MAX_TARGETS = 32

/** The methods of each kind that an action calls. */
const METHODS = {
  limits: ['peek', 'reset', 'block', 'reward'],
  lists: ['details', 'add', 'remove', 'status'],
} as const

function readActions(value: unknown, path: string, report: Report): ActionTargets {
  const refuse = (at: string, message: string): ActionTargets => {
    report({ path: at, code: 'bad-actions', message })
    return {}
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(
      path,
      `must be an object such as { limits: { login: limiter } }, got ${show(value)}`,
    )
  }
  for (const [kind, targets] of Object.entries(value)) {
    if (kind !== 'limits' && kind !== 'lists') {
      return refuse(`${path}.${kind}`, "is not known; write 'limits' or 'lists'")
    }
    if (targets === undefined) continue
    if (typeof targets !== 'object' || targets === null || Array.isArray(targets)) {
      return refuse(`${path}.${kind}`, `must be an object of names, got ${show(targets)}`)
    }
    const named = Object.entries(targets)
    if (named.length > MAX_TARGETS) {
      return refuse(
        `${path}.${kind}`,
        `must have at most ${MAX_TARGETS} names, got ${named.length}`,
      )
    }
    for (const [name, target] of named) {
      const missing = METHODS[kind].find((method) => !hasMethod(target, method))
      if (name === '' || name.length > 100 || missing !== undefined) {
        const what =
          kind === 'limits'
            ? 'a limiter of @truehop/rate-limit'
            : 'sharedEntries() of @truehop/allowlist'
        return refuse(
          `${path}.${kind}.${name}`,
          `must be ${what}, or a function that returns it, under a name of 1 to 100 characters; got ${show(target)}`,
        )
      }
    }
  }
  return value
}

function hasMethod(target: unknown, name: string): boolean {
  if (typeof target === 'function') return true
  return (
    typeof target === 'object' && target !== null && typeof Reflect.get(target, name) === 'function'
  )
}

function readAllowed(value: unknown, path: string, report: Report): PeerSet {
  const refuse = (message: string, at = path): PeerSet => {
    report({ path: at, code: 'bad-allow', message })
    return PeerSet.from([])
  }
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
    return refuse(`must be an array of strings such as ['10.0.0.0/8'], got ${show(value)}`)
  }
  if (value.includes('unix')) {
    return refuse("must not contain 'unix': a client always has an address; name prefixes")
  }
  try {
    return PeerSet.from(value)
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    const { entry, reason } = error
    return refuse(`'${entry.slice(0, 80)}': ${reason}`, `${path}[${value.indexOf(entry)}]`)
  }
}

function readHosts(value: unknown, path: string, report: Report): HostNames {
  if (!Array.isArray(value)) {
    const message = `must be an array such as ['ops.example.com'], got ${show(value)}`
    report({ path, code: 'bad-hosts', message })
    return new HostNames([])
  }
  const names = value.map((host: unknown, index) => {
    const isName = typeof host === 'string' && !/[/:*]/.test(host)
    const name = isName ? hostName(host) : undefined
    if (name !== undefined) return name
    const message = `must be a host name without scheme, port or wildcard, such as 'ops.example.com', got ${show(host)}`
    report({ path: `${path}[${index}]`, code: 'bad-hosts', message })
    return ''
  })
  return new HostNames(names)
}
