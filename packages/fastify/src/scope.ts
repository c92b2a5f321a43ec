import type { FastifyInstance } from 'fastify'

/** What Fastify and its loaders pass to every plugin besides its own options. */
const REGISTER_OPTIONS = ['prefix', 'logLevel', 'logSerializers']

/** A plugin's options without those that are Fastify's. */
export function ownOptions(options: unknown): unknown {
  if (typeof options !== 'object' || options === null) return options
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => !REGISTER_OPTIONS.includes(name)),
  )
}

/**
 * Warns if the plugin is registered on a child: anything outside it, above all the outermost
 * instance's 404s, then has no client identity. `fastify start` registers an application as a child
 * and logs nothing below `fatal`, so this is a process warning as well as a log line.
 */
export function warnInChild(fastify: FastifyInstance): void {
  // Children inherit from the instance that has it.
  if (Object.hasOwn(fastify, 'server')) return
  fastify.log.warn(IN_CHILD)
  process.emitWarning(IN_CHILD, { type: 'TruehopWarning', code: 'TRUEHOP_IN_CHILD' })
}

const IN_CHILD =
  "truehop is registered in a child scope, so routes outside that scope and the server's own 404s show the proxy's address: wrap the plugin that registers it in fastify-plugin, for `fastify start` the application's own (export default fp(app)), or register truehop on the outermost instance"
