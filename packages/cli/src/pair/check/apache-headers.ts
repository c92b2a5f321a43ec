import type { ApacheNode } from './apache-sections.js'
import type { NotUnderstood, Treatment } from './sender.js'

/** When a `RequestHeader` acts: for any request, by who connects, by the family of that address. */
type When = 'always' | 'untrusted' | 'ipv4' | 'ipv6' | 'unknown'

/** What `RequestHeader` directives make of each header, one after the other. */
export class ApacheHeaders {
  readonly treatments = new Map<string, Treatment>()
  readonly notUnderstood: NotUnderstood[] = []
  /** Actions on a header that were seen for one family of addresses. */
  readonly #halves = new Set<string>()

  apply(directive: ApacheNode): void {
    const { args } = directive
    const action = args[0]?.toLowerCase() ?? ''
    const name = args[1]?.toLowerCase().replace(/:$/, '') ?? ''
    const value = action === 'unset' ? '' : (args[2] ?? '')
    const when = this.#whole(`${action} ${name}`, whenOf(args[action === 'unset' ? 2 : 3]))
    const before = this.treatments.get(name)
    const after = when === undefined ? before : treatmentAfter(action, value, when, before)
    if (after === 'unknown') {
      const { line, args } = directive
      this.notUnderstood.push({ place: String(line), text: ['RequestHeader', ...args].join(' ') })
    } else if (after !== undefined) {
      this.treatments.set(name, after)
    }
  }

  /** What mod_proxy does by itself, last of all: its own value goes behind what is there. */
  addForwarded(): void {
    for (const name of ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-server']) {
      this.treatments.set(name, extended(this.treatments.get(name)))
    }
  }

  /** An action for IPv4 and the same for IPv6 are one for all; one of them alone is undefined. */
  #whole(action: string, when: When): When | undefined {
    if (when !== 'ipv4' && when !== 'ipv6') return when
    this.#halves.add(`${when} ${action}`)
    const both = ['ipv4', 'ipv6'].every((family) => this.#halves.has(`${family} ${action}`))
    return both ? 'always' : undefined
  }
}

/** Without an address of its own in the range: `!(-R '10.0.0.0/8' || -R '10.1.0.0/16')`. */
const UNTRUSTED =
  /^!\s*(?:\(\s*)?(?:-R|%\{REMOTE_ADDR\}\s+-ipmatch)\s+'[^']*'(?:\s*\|\|\s*(?:-R|%\{REMOTE_ADDR\}\s+-ipmatch)\s+'[^']*')*\s*\)?$/

function whenOf(condition: string | undefined): When {
  if (condition === undefined || condition.toLowerCase() === 'early') return 'always'
  const [, expression = ''] = /^expr=\s*(.*)$/s.exec(condition) ?? []
  if (UNTRUSTED.test(expression)) return 'untrusted'
  const family = /^%\{REMOTE_ADDR\}\s*([!=])~\s*(?:\/:\/|m#:#)$/.exec(expression)
  if (family === null) return 'unknown'
  return family[1] === '!' ? 'ipv4' : 'ipv6'
}

function treatmentAfter(
  action: string,
  value: string,
  when: When,
  before: Treatment | undefined,
): Treatment | 'unknown' | undefined {
  if (when === 'unknown') return 'unknown'
  switch (action) {
    case 'unset':
      return when === 'always' ? 'clear' : 'guarded'
    case 'set':
      if (when === 'always') return repeatsClient(value) ? 'pass' : 'set'
      return repeatsClient(value) ? before : 'guarded'
    case 'append':
    case 'add':
    case 'merge':
      if (when !== 'always') return 'unknown'
      return repeatsClient(value) ? 'append' : extended(before)
    case 'setifempty':
      return before === 'clear' && when === 'always' && !repeatsClient(value) ? 'set' : before
    default:
      return 'unknown'
  }
}

/** The hop's own value behind what is there. */
function extended(before: Treatment | undefined): Treatment {
  if (before === 'clear' || before === 'set') return 'set'
  return before === 'guarded' ? 'guarded' : 'append'
}

/** The client writes `Host` itself; what it wrote there is what these headers repeat. */
const OF_CLIENT =
  /%\{(?:HTTP[:_](?!HOST\})|REQ(?:_NOVARY)?:|REQENV:|ENV:|QUERY_STRING|THE_REQUEST|REQUEST_URI)|\b(?:req|http|req_novary|reqenv|env)\s*\(/i

/** Variables of the environment that Apache fills, not a directive that may look at a header. */
const OWN_VARIABLE = /^(?:REMOTE_(?:ADDR|PORT)|REQUEST_SCHEME|HTTPS|SERVER_\w+|SSL_\w+)$/

function repeatsClient(value: string): boolean {
  if (value.startsWith('expr=')) return OF_CLIENT.test(value)
  const variables = value.matchAll(/%\{([^{}]*)\}e/g)
  return [...variables].some(([, name = '']) => !OWN_VARIABLE.test(name))
}
