/**
 * The walk, written the slow and plain way from its definition: every piece of evidence is split
 * into a list first, every rule and prefix is compared one by one. It shares no code with the
 * walk it is the oracle of; addresses here are IPv4 text only.
 */
export interface ReferenceRule {
  readonly from: readonly string[]
  readonly asserts: string
  readonly depth?: number
  readonly required?: boolean
}

export interface ReferenceEvidence {
  readonly peer: string
  readonly headers: Readonly<Record<string, string>>
  /** Source addresses of PROXY headers; null for LOCAL. */
  readonly proxyHeaders: readonly (string | null)[]
}

export function referenceWalk(
  rules: readonly ReferenceRule[],
  maxHops: number,
  evidence: ReferenceEvidence,
): string {
  const unread = new Map<string, (string | null)[]>([
    ['proxy-protocol', [...evidence.proxyHeaders]],
  ])
  const absent = new Set(evidence.proxyHeaders.length === 0 ? ['proxy-protocol'] : [])
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    const entries = entriesOf(name, evidence.headers[name] ?? '')
    unread.set(name, entries)
    if (entries.length === 0) absent.add(name)
  }
  let node = evidence.peer
  for (let read = 0; ; read++) {
    const trusting = rules.filter((rule) => rule.from.some((prefix) => contains(prefix, node)))
    const rule = trusting.find(({ asserts }) => (unread.get(asserts) ?? []).length > 0)
    if (rule === undefined) {
      return trusting.some((r) => r.required === true && absent.has(r.asserts))
        ? 'undetermined'
        : node
    }
    if (read === maxHops) return 'undetermined'
    const entries = unread.get(rule.asserts) ?? []
    const [entry] = entries.splice(0, rule.depth ?? 1).slice((rule.depth ?? 1) - 1)
    if (entry === null) return node
    if (entry === undefined || !isIPv4(entry)) return 'undetermined'
    node = entry
    if (rule.depth !== undefined) return node
  }
}

function entriesOf(name: string, text: string): string[] {
  if (name === 'x-real-ip') return text.trim() === '' ? [] : [text.trim()]
  const elements = text.split(',').map((element) => element.trim())
  const present = elements.filter((element) => element !== '').reverse()
  return name === 'forwarded' ? present.map((e) => e.replace(/^for=/, '')) : present
}

function isIPv4(text: string): boolean {
  const octets = text.split('.')
  const octet = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256
  return octets.length === 4 && octets.every(octet) && text !== '0.0.0.0'
}

function contains(prefix: string, address: string): boolean {
  const [base = '', length = '32'] = prefix.split('/')
  return bits(base).slice(0, Number(length)) === bits(address).slice(0, Number(length))
}

function bits(address: string): string {
  return address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('')
}
