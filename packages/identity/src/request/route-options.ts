/** A request of Fastify, as far as its route is concerned. */
interface Routed<Options> {
  readonly is404: boolean
  readonly routeOptions: Options
}

interface Read<Options> {
  readonly is404: boolean
  readonly options: Options
}

/**
 * A registered symbol, so that copies of this package read from each other.
 */
const READ: unique symbol = Symbol.for('truehop.route-options/1')

/**
 * The `routeOptions` of a Fastify request, read once for everyone who asks: Fastify puts a new
 * object together at each read, which an allowlist, a limiter and a log would cause three times a
 * request. Read again when the request has been passed to the handler of a 404, which is a route of
 * its own.
 */
export function routeOptionsOf<Options>(request: Routed<Options>): Options {
  const carrier = request as Routed<Options> & { [READ]?: Read<Options> }
  const known = carrier[READ]
  const { is404 } = request
  if (known?.is404 === is404) return known.options
  const options = request.routeOptions
  carrier[READ] = { is404, options }
  return options
}
