import { identityOf, routeOptionsOf, sendProblem } from '@truehop/identity/adapter'
import {
  custom,
  type Fields,
  type FieldsOf,
  instance,
  isRecord,
  type Report,
  readOptions,
  show,
  text,
} from '@truehop/options'
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RegisterOptions,
  RouteOptions,
} from 'fastify'
import { fastifyPlugin } from 'fastify-plugin'
import { Allowlist } from './allowlist.js'
import { AllowlistError, refusal } from './allowlist-error.js'
import { isRefused } from './decision.js'
import type { AllowlistOptions } from './options.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The allowlists of this scope and of those below it. */
    readonly allowlists: Allowlist<FastifyRequest>[]
  }
  interface FastifyContextConfig {
    /** The name of an allowlist: a key of `lists`, or a single list's `name`. False: none applies. */
    allowlist?: string | false | undefined
  }
}

/** Options of one allowlist, or an allowlist built before. */
export type AllowlistInput = AllowlistOptions<FastifyRequest> | Allowlist<FastifyRequest>

/** Named allowlists; a route picks one with `config: { allowlist: 'admin' }`. */
export interface NamedAllowlists {
  readonly lists: Readonly<Record<string, AllowlistInput>>
  /** For routes that name none. Absent: such routes are open. */
  readonly default?: string | undefined
}

/** What the plugin takes in place of the options of one allowlist. */
export const NAMED_ALLOWLISTS = {
  lists: custom<Readonly<Record<string, unknown>>>(
    readLists,
    'object of options, or of allowlists built before',
    undefined,
  )({
    says: "Allowlists by name; a route picks one with `config: { allowlist: 'admin' }`.",
    required: true,
  }),
  default: text({
    says: 'The allowlist for routes that name none; without it such routes are open.',
  }),
} satisfies FieldsOf<NamedAllowlists>

function readLists(
  value: unknown,
  path: string,
  report: Report,
): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  const message = `must be an object, got ${show(value)}; write lists: { admin: { allow: ['10.9.0.0/16'] } }`
  report({ path, code: 'bad-option', message })
  return {}
}

const IN_A_LIST = 'write fastify.register(allowlist, { list })'

/** Options beside it would belong to no list, and a `deny` among them would be without effect. */
const ONE_LIST = {
  list: instance<Allowlist<FastifyRequest>>(
    'an allowlist built before',
    isAllowlist,
  )({
    says: 'An allowlist built before.',
    required: true,
    hint: 'write { list: defineAllowlist({ deny: [] }) }, or the options of one without list',
  }),
} satisfies Fields

function isAllowlist(value: unknown): value is Allowlist<FastifyRequest> {
  return value instanceof Allowlist
}

/** Fastify's own registration options may be given too. */
export type AllowlistPluginOptions = (
  | AllowlistOptions<FastifyRequest>
  | { readonly list: Allowlist<FastifyRequest> }
  | NamedAllowlists
) &
  RegisterOptions

/** With a callback rather than a promise, so that an allowed request waits for nothing. */
type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/**
 * Plugin for the scope it is registered in and everything below: one allowlist for all routes,
 * 404s included, or named ones. Throws `AllowlistError` for bad options and for a route that
 * names an undefined allowlist.
 */
export const allowlist = fastifyPlugin(
  async (fastify: FastifyInstance, options: AllowlistPluginOptions) => {
    if (options instanceof Allowlist) {
      throw new AllowlistError('bad-option', '', `must be options, got an allowlist; ${IN_A_LIST}`)
    }
    const { prefix: _, logLevel: __, logSerializers: ___, ...own } = options
    if ('lists' in own) return useNamed(fastify, own)
    const list = 'list' in own ? readOptions(ONE_LIST, own, refusal).list : built(own)
    useLists(fastify, new Map([[list.name, list]]), list)
  },
  { fastify: '5.x', name: '@truehop/allowlist' },
)

export default allowlist

/** An `onRequest` hook for one route or one scope. */
export function allowlistHook(lists: AllowlistInput): Hook {
  const list = built(lists)
  return (request, reply, done) => answer(list, request, reply, done)
}

function useNamed(fastify: FastifyInstance, options: NamedAllowlists): void {
  // A misspelt `default` would leave open every route that names no list.
  readOptions(NAMED_ALLOWLISTS, options, refusal)
  const lists = new Map(
    Object.entries(options.lists).map(([name, input]) => [name, built(input, name)]),
  )
  const { default: name } = options
  const usual = name === undefined ? undefined : lists.get(name)
  if (name !== undefined && usual === undefined) throw unknownList(name, 'default', lists.keys())
  useLists(fastify, lists, usual)
}

/**
 * Applies to each request the list that its route names, or the default one. A route may name a
 * list of an enclosing registration, and is then checked by both.
 */
function useLists(fastify: FastifyInstance, lists: Lists, usual: List | undefined): void {
  if (!fastify.hasDecorator('allowlists')) fastify.decorate('allowlists', [])
  for (const list of lists.values()) {
    warn(fastify, list)
    if (!fastify.allowlists.includes(list)) fastify.allowlists.push(list)
  }
  const known = knownNames(fastify)
  for (const name of lists.keys()) known.add(name)
  fastify.addHook('onRoute', function (this: FastifyInstance, { config, url }: RouteOptions) {
    checkName(config?.allowlist, `route ${url}`, knownNames(this))
  })
  fastify.addHook('onRequest', (request, reply, done) => {
    const { config, url } = routeOptionsOf(request)
    const name = config.allowlist
    // The hook above did not see routes that were added before the plugin.
    const list =
      name === undefined ? usual : name === false ? undefined : (lists.get(name) ?? usual)
    if (name !== undefined && !lists.has(String(name)))
      checkName(name, `route ${url}`, knownNames(request.server))
    if (list === undefined) done()
    else answer(list, request, reply, done)
  })
}

type List = Allowlist<FastifyRequest>
type Lists = ReadonlyMap<string, List>

/** Where an instance of Fastify keeps the names of its lists and of those of the scopes around it. */
const NAMES = Symbol('truehop.allowlist.names')

/** The names known in a scope, to which those of its registrations are added. */
function knownNames(fastify: FastifyInstance): Set<string> {
  const scope: FastifyInstance & { readonly [NAMES]?: Set<string> } = fastify
  const around = scope[NAMES]
  if (around !== undefined && Object.hasOwn(scope, NAMES)) return around
  const names = new Set(around)
  Object.defineProperty(scope, NAMES, { value: names })
  return names
}

/** @throws {AllowlistError} for a name that no list has. */
function checkName(name: unknown, path: string, known: ReadonlySet<string>): void {
  if (name === undefined || name === false) return
  if (typeof name !== 'string' || !known.has(name)) throw unknownList(name, path, known)
}

/** Warnings of one allowlist that are logged at registration; `warnings` has them all. */
const MAX_WARNINGS = 20

function warn(fastify: FastifyInstance, { name, warnings }: Allowlist<FastifyRequest>): void {
  for (const warning of warnings.slice(0, MAX_WARNINGS)) {
    fastify.log.warn(`allowlist ${name}: ${warning}`)
  }
}

function unknownList(name: unknown, path: string, known: Iterable<string>): AllowlistError {
  const names = [...known].map((each) => JSON.stringify(each)).join(', ')
  return new AllowlistError(
    'unknown-list',
    path,
    `must name an allowlist, got ${JSON.stringify(name)}; write one of ${names}, or false for none`,
  )
}

function built(lists: AllowlistInput, name?: string): Allowlist<FastifyRequest> {
  if (lists instanceof Allowlist) return lists
  return new Allowlist(name === undefined ? lists : { name, ...lists })
}

function answer(
  list: Allowlist<FastifyRequest>,
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  if (isRefused(list.check(identityOf(request), request, request.raw)))
    sendProblem(reply, list.refusal)
  else done()
}
