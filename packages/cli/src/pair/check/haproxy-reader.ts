import { lineWords, unreadIn, type Words } from './line-words.js'
import {
  type NotUnderstood,
  type Reading,
  type Sender,
  type Treatment,
  treatments,
} from './sender.js'

/** A `listen`, `frontend`, `backend` or `defaults` section. */
interface Section {
  readonly kind: string
  readonly name: string
  readonly lines: readonly Words[]
}

/**
 * The directives of a haproxy.cfg that decide what a server is sent. Conditions other than a source
 * address, and includes, are named as not understood.
 */
export function readHaproxy(text: string): Reading {
  const all = lineWords(text)
  const notUnderstood = unreadIn(all)
  const sections = sectionsIn(all)
  notUnderstood.push(...all.filter(({ words }) => acceptsFromAll(words)).map(unread))
  const senders: Sender[] = []
  let defaults: readonly Words[] = []
  for (const section of sections) {
    if (section.kind === 'defaults') defaults = section.lines
    if (section.kind !== 'listen' && section.kind !== 'backend') continue
    for (const front of frontsOf(section, sections)) {
      const lines = [...defaults, ...front, ...section.lines]
      senders.push(...serversOf(section.lines, lines, notUnderstood))
    }
  }
  return { senders, notUnderstood: unique(notUnderstood) }
}

const SECTION =
  /^(global|defaults|frontend|backend|listen|resolvers|peers|userlist|cache|program|mailers|ring)$/

function sectionsIn(all: readonly Words[]): Section[] {
  const sections: { kind: string; name: string; lines: Words[] }[] = []
  for (const line of all) {
    const [kind = '', name = ''] = line.words
    if (SECTION.test(kind)) sections.push({ kind, name, lines: [] })
    else sections.at(-1)?.lines.push(line)
  }
  return sections
}

/** The lines of every frontend that leads to a backend; a `listen` section is its own. */
function frontsOf({ kind, name }: Section, sections: readonly Section[]): (readonly Words[])[] {
  if (kind === 'listen') return [[]]
  const leading = sections.filter(
    ({ kind: front, lines }) =>
      (front === 'frontend' || front === 'listen') &&
      lines.some(
        ({ words: [word = '', to] }) => /^(default|use)_backend$/.test(word) && to === name,
      ),
  )
  return leading.length === 0 ? [[]] : leading.map(({ lines }) => lines)
}

const unread = ({ line, words }: Words): NotUnderstood => ({
  place: String(line),
  text: words.join(' '),
})

/** Whoever connects says who the client is: only what stands before the port can limit that. */
function acceptsFromAll(words: readonly string[]): boolean {
  if (words[0] === 'bind') return words.includes('accept-proxy')
  return expectsProxy(words) && expectedFrom(words).length === 0
}

const expectsProxy = ([first, second, third]: readonly string[]): boolean =>
  first === 'tcp-request' && second === 'connection' && third === 'expect-proxy'

/** The addresses in `tcp-request connection expect-proxy layer4 if { src ADDRESS… }`. */
function expectedFrom(words: readonly string[]): readonly string[] {
  if (!expectsProxy(words)) return []
  const [, , , , when, open, test, ...rest] = words
  const isList =
    when === 'if' && open === '{' && test === 'src' && rest.indexOf('}') === rest.length - 1
  return isList ? rest.slice(0, -1) : []
}

const SENDS = /^send-proxy(-v2(-ssl(-cn)?)?)?$/

function serversOf(
  own: readonly Words[],
  lines: readonly Words[],
  notUnderstood: NotUnderstood[],
): Sender[] {
  const shared = own.filter(({ words }) => words[0] === 'default-server').flatMap((l) => l.words)
  const modes = lines.filter(({ words }) => words[0] === 'mode')
  const http = modes.at(-1)?.words[1] === 'http'
  const treatment = treatments(http ? treatmentsIn(lines, notUnderstood) : new Map())
  const trusts = lines.flatMap(({ words }) => expectedFrom(words))
  return own
    .filter(({ words }) => words[0] === 'server')
    .map(({ line, words: [, , to, ...rest] }) => {
      const words = [...shared, ...rest]
      const proxy = words.some((word) => SENDS.test(word))
      return {
        place: String(line),
        to,
        http,
        proxy,
        treatment,
        trusts,
        checksWithHeader: words.includes('check') ? checkSends(words, proxy) : undefined,
      }
    })
}

/** A check of another port or address sends a header only where `check-send-proxy` says so. */
function checkSends(words: readonly string[], proxy: boolean): boolean {
  if (words.includes('check-send-proxy')) return true
  return proxy && !words.some((word) => /^(port|addr)$/.test(word))
}

function treatmentsIn(
  lines: readonly Words[],
  notUnderstood: NotUnderstood[],
): ReadonlyMap<string, Treatment> {
  const found = new Map<string, Treatment>()
  const sourceAcls = new Set(
    lines.filter(({ words }) => words[0] === 'acl' && words[2] === 'src').map((l) => l.words[1]),
  )
  for (const line of lines) {
    const { words } = line
    if (words[0] === 'option' && words[1] === 'forwardfor') {
      addForwardFor(words, found)
    } else if (
      words[0] === 'http-request' &&
      /^(set|add|del|replace)-header$/.test(words[1] ?? '')
    ) {
      const understood = addRule(words, sourceAcls, found)
      if (!understood) notUnderstood.push({ place: String(line.line), text: words.join(' ') })
    } else if (words[0] === 'http-request' && /^(lua|use-service)/.test(words[1] ?? '')) {
      notUnderstood.push({ place: String(line.line), text: words.join(' ') })
    }
  }
  return found
}

/** `if-none` leaves what a client wrote; `except` leaves what those addresses wrote. */
function addForwardFor(words: readonly string[], found: Map<string, Treatment>): void {
  const at = words.indexOf('header')
  const name = (at < 0 ? 'x-forwarded-for' : (words[at + 1] ?? '')).toLowerCase()
  if (words.includes('if-none')) return
  const before = found.get(name)
  found.set(
    name,
    before === 'clear' || before === 'set' ? 'set' : before === 'guarded' ? before : 'append',
  )
}

/** What a client wrote, or may have: `Host` is the client's to say. */
const REPEATED =
  /\b(?:f?hdr(?:_ip)?(?!\(host\))|cook|url(?:p|_param|32)?|query|path(?:q)?|uri|body|payload|var|fc_pp_tlv)\b/i

/** False where a condition decides that is not about the source address. */
function addRule(
  [, action = '', name = '', ...rest]: readonly string[],
  sourceAcls: ReadonlySet<string | undefined>,
  found: Map<string, Treatment>,
): boolean {
  const key = name.toLowerCase()
  const at = rest.findIndex((word) => word === 'if' || word === 'unless')
  const condition = at < 0 ? [] : rest.slice(at + 1)
  const guarded = at >= 0
  if (guarded && !isAboutSource(condition, sourceAcls)) return false
  const before = found.get(key)
  const value = rest.slice(0, at < 0 ? undefined : at).join(' ')
  if (action === 'del-header') found.set(key, guarded ? 'guarded' : 'clear')
  else if (REPEATED.test(value)) found.set(key, 'pass')
  else if (action === 'set-header')
    found.set(key, guarded && before !== 'clear' ? 'guarded' : 'set')
  else if (action === 'add-header' && before === 'clear') found.set(key, 'set')
  else if (action === 'add-header' && before === undefined) found.set(key, 'append')
  return true
}

function isAboutSource(
  condition: readonly string[],
  sourceAcls: ReadonlySet<string | undefined>,
): boolean {
  if (condition[0] === '{') return condition[1] === 'src' && condition.at(-1) === '}'
  return condition.length === 1 && sourceAcls.has(condition[0]?.replace(/^!/, ''))
}

function unique(list: readonly NotUnderstood[]): NotUnderstood[] {
  return [...new Map(list.map((one) => [one.place, one])).values()]
}
