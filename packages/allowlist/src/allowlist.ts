import type { ClientIdentity } from '@truehop/identity'
import { guarded, inSlices, type Problem } from '@truehop/identity/adapter'
import { type Address, PrefixError } from '@truehop/ip'
import { brand, type Metrics } from '@truehop/ip/internal'
import { AllowlistError } from './allowlist-error.js'
import { publishDecision, publishReplaced } from './channels.js'
import type { Decision, DecisionReason } from './decision.js'
import { type Listed, ListMetrics } from './list-metrics.js'
import type { AllowlistOptions, EntryOptions, Replacement } from './options.js'
import { badEntry, type ListMatch, PrefixList } from './prefix-list.js'
import { readAllowlistOptions, readEntryOptions, readReplacement } from './read-options.js'
import { refusalOf } from './refusal.js'
import type { TemporaryEntry } from './temporary-entries.js'

export type Side = 'allow' | 'deny'

/**
 * Allow and deny lists that decide on the one client identity. Deny wins; an undetermined identity
 * is denied, whatever the lists contain.
 *
 * `decide` does not throw and reads the lists as they are at that moment; `replace` swaps whole
 * lists between two decisions.
 */
export class Allowlist<Request = unknown> {
  readonly name: string
  /**
   * The answer to a refused request, the same for every reason: it reveals nothing to the client.
   */
  readonly refusal: Problem
  /** For `observe` of `@truehop/identity/opentelemetry`. */
  readonly metrics: readonly Metrics[]
  readonly #counts: ListMetrics
  readonly #enforced: boolean
  readonly #allow: PrefixList | undefined
  readonly #deny: PrefixList
  readonly #onRefused: (decision: Decision, request: Request) => void
  /** Settles when the most recently requested replacement is in force. Never rejects. */
  #replacing: Promise<void> = Promise.resolve()

  constructor(options: AllowlistOptions<Request>) {
    const settings = readAllowlistOptions(options)
    const { allow, deny = [], name } = settings
    this.name = name
    this.refusal = refusalOf(settings)
    this.#enforced = settings.mode === 'enforce'
    this.#allow = allow === undefined ? undefined : new PrefixList('allow', allow, settings)
    this.#deny = new PrefixList('deny', deny, settings)
    this.#counts = new ListMetrics(name, this.#enforced, () => this.#listed())
    this.metrics = [this.#counts]
    this.#onRefused = guarded('onRefused', options.onRefused, 'pass')
  }

  /** What the lists say about a client. Publishes nothing. */
  decide(identity: ClientIdentity): Decision {
    if (identity.status === 'undetermined') return this.#decision(identity, 'undetermined')
    const now = performance.now()
    const denied = this.#deny.match(identity.address, now)
    if (denied !== undefined) return this.#decision(identity, 'deny-entry', denied)
    if (this.#allow === undefined) return this.#decision(identity, 'not-in-deny')
    const allowed = this.#allow.match(identity.address, now)
    if (allowed === undefined) return this.#decision(identity, 'not-in-allow')
    return this.#decision(identity, 'allow-entry', allowed)
  }

  /**
   * Decides, then publishes on the channel `truehop.allowlist.decision` and calls `onRefused` for a
   * client that is not allowed. `raw` is Node's own request object, by which other consumers join
   * the decision to their records. The caller handles what `onRefused` throws: both adapters answer
   * it as an error, never as "allowed".
   */
  check(identity: ClientIdentity, request: Request, raw: object): Decision {
    const decision = this.decide(identity)
    this.#counts.count(decision)
    publishDecision(decision, raw)
    if (!decision.allowed) this.#onRefused(decision, request)
    return decision
  }

  /**
   * Replaces the given lists with new ones; a list not named stays. They are in force, all at once,
   * when the promise resolves: reading a million takes a second or two, in slices between which
   * requests are answered. Reads and validates everything before anything changes. Runtime entries
   * stay. Several replacements come into force in the order they were asked for. Rejects with
   * `AllowlistError`.
   */
  replace(lists: Replacement): Promise<void> {
    const replaced = this.#replacing.then(() => this.#replace(lists))
    this.#replacing = replaced.catch(() => {})
    return replaced
  }

  async #replace(lists: Replacement): Promise<void> {
    const { allow, deny } = readReplacement(lists)
    const side = allow === undefined ? undefined : this.#list('allow')
    const allowed = side === undefined ? undefined : await inSlices(side.prepare(allow ?? []))
    const denied = deny === undefined ? undefined : await inSlices(this.#deny.prepare(deny))
    if (allowed !== undefined) side?.use(allowed)
    if (denied !== undefined) this.#deny.use(denied)
    publishReplaced({ name: this.name, allow: this.size('allow'), deny: this.size('deny') })
  }

  /**
   * Adds a prefix or address, or changes the expiry of one added before. `ttl` in seconds, up to
   * ten years; without it the entry stays until removed. False if there are `maxRuntimeEntries`
   * already: nothing is evicted. Throws `AllowlistError` for text that is not a prefix.
   */
  add(side: Side, entry: string | Address, options: EntryOptions = {}): boolean {
    const { ttl, note } = readEntryOptions(options)
    const now = performance.now()
    const until = ttl === undefined ? undefined : now + ttl * 1000
    const { temporary } = this.#list(side)
    return withEntry(entry, (text) => temporary.add(text, until, note, now))
  }

  /** Removes an entry that `add` added; true if there was one. Entries written in the options stay. */
  remove(side: Side, entry: string | Address): boolean {
    const { temporary } = this.#list(side)
    return withEntry(entry, (text) => temporary.remove(text))
  }

  /** What `add` added and has not expired. */
  runtimeEntries(side: Side): readonly TemporaryEntry[] {
    return this.#list(side).runtimeEntries(performance.now())
  }

  /** Prefixes in a list now, from all its sources; 0 if there is no such list. */
  size(side: Side): number {
    return (side === 'allow' ? this.#allow : this.#deny)?.size ?? 0
  }

  /** Entries that were accepted although they have host bits set beyond the prefix. */
  get warnings(): readonly string[] {
    return [...(this.#allow?.warnings ?? []), ...this.#deny.warnings]
  }

  #listed(): readonly Listed[] {
    const deny = { list: 'deny' as const, size: this.#deny.size, sources: this.#deny.sources }
    if (this.#allow === undefined) return [deny]
    const { size, sources } = this.#allow
    return [{ list: 'allow', size, sources }, deny]
  }

  #list(side: Side): PrefixList {
    if (side === 'deny') return this.#deny
    if (side === 'allow' && this.#allow !== undefined) return this.#allow
    throw new AllowlistError(
      'bad-list',
      side,
      "does not exist, and creating it now would deny everybody else; define it at start-up with allow: [] (nobody) or allow: ['0.0.0.0/0', '::/0'] (everybody)",
    )
  }

  #decision(identity: ClientIdentity, reason: DecisionReason, match?: ListMatch): Decision {
    return {
      allowed: reason === 'allow-entry' || reason === 'not-in-deny',
      enforced: this.#enforced,
      list: reason === 'allow-entry' ? 'allow' : reason === 'deny-entry' ? 'deny' : 'none',
      entry: match?.entry,
      source: match?.source,
      reason,
      name: this.name,
      client: identity.status === 'resolved' ? identity.ip : 'unknown',
      identity,
    }
  }
}

brand(Allowlist, 'Allowlist/1')

/** Builds an allowlist once, at start-up. Throws `AllowlistError` for anything it would have to guess. */
export function defineAllowlist<Request = unknown>(
  options: AllowlistOptions<Request>,
): Allowlist<Request> {
  return new Allowlist(options)
}

function withEntry(entry: string | Address, use: (text: string) => boolean): boolean {
  const text = String(entry)
  try {
    return use(text)
  } catch (error) {
    if (!(error instanceof PrefixError)) throw error
    throw badEntry('entry', text, error.reason)
  }
}
