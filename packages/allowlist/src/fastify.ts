import { identityOf } from '@truehop/identity'
import { sendProblem } from '@truehop/identity/adapter'
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RegisterOptions,
  RouteOptions,
} from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { Allowlist } from './allowlist.js'
import { AllowlistError } from './allowlist-error.js'
import { isRefused } from './decision.js'
import type { AllowlistOptions } from './options.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The name of an allowlist of the plugin's `lists`, or false for a route that has none. */
    allowlist?: string | false
  }
}

/** Options of one allowlist, or an allowlist built before. */
export type AllowlistInput = AllowlistOptions<FastifyRequest> | Allowlist<FastifyRequest>

/** Named allowlists; a route names its own with `config: { allowlist: 'admin' }`. */
export interface NamedAllowlists {
  readonly lists: Readonly<Record<string, AllowlistInput>>
  /** For routes that name none. Absent: these are open. */
  readonly default?: string
}

/** Those that Fastify itself takes at a registration may stand beside. */
export type AllowlistPluginOptions = (
  | AllowlistOptions<FastifyRequest>
  | { readonly list: Allowlist<FastifyRequest> }
  | NamedAllowlists
) &
  RegisterOptions

/** With a callback, and not a promise: a request that passes waits for nothing. */
type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/**
 * Plugin for the scope it is registered in and everything below: one allowlist for all routes,
 * 404s included, or named ones. Throws `AllowlistError` for bad options and for a route that
 * names an allowlist nobody defined.
 */
export const allowlist = fastifyPlugin(
  async (fastify: FastifyInstance, options: AllowlistPluginOptions) => {
    const { prefix: _, logLevel: __, logSerializers: ___, ...own } = options
    if ('lists' in own) return useNamed(fastify, own)
    const list = built('list' in own ? own.list : own)
    warn(fastify, list)
    fastify.addHook('onRequest', allowlistHook(list))
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
  const lists = new Map(
    Object.entries(options.lists).map(([name, input]) => [name, built(input, name)]),
  )
  for (const list of lists.values()) warn(fastify, list)
  if (options.default !== undefined) named(lists, options.default, 'default')
  fastify.addHook('onRoute', ({ config, url }: RouteOptions) => {
    const name = config?.allowlist
    if (name !== undefined && name !== false) named(lists, name, `route ${url}`)
  })
  fastify.addHook('onRequest', (request, reply, done) => {
    const { config, url } = request.routeOptions
    const name = config.allowlist ?? options.default
    if (name === undefined || name === false) done()
    else answer(named(lists, name, `route ${url}`), request, reply, done)
  })
}

/** Warnings of one allowlist that are logged at registration; `warnings` has them all. */
const MAX_WARNINGS = 20

function warn(fastify: FastifyInstance, { name, warnings }: Allowlist<FastifyRequest>): void {
  for (const warning of warnings.slice(0, MAX_WARNINGS)) {
    fastify.log.warn(`allowlist ${name}: ${warning}`)
  }
}

function named(
  lists: ReadonlyMap<string, Allowlist<FastifyRequest>>,
  name: string,
  path: string,
): Allowlist<FastifyRequest> {
  const list = lists.get(name)
  if (list !== undefined) return list
  const known = [...lists.keys()].join(', ')
  throw new AllowlistError(
    'unknown-list',
    path,
    `no allowlist is named ${JSON.stringify(name)}; there are: ${known}`,
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
