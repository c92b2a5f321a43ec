import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { bindRequest, type Policy } from '@truehop/identity/adapter'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { ANSWERS, type AnswerName, OWN_ANSWERS } from './request.js'

/**
 * For a request that it refuses before finding a route (`GET /%`), Fastify makes a request of its
 * base class, for `frameworkErrors` and for the line "incoming request". No decoration reaches that
 * class, as it is the same for all instances, and its properties cannot be redefined. So the class
 * gets a prototype over its own, whose getters ask whether truehop is registered on the instance,
 * and otherwise answer as before.
 */
export function coverFrameworkErrors(
  fastify: FastifyInstance,
  policy: Policy,
  compares: boolean,
): void {
  instances.set(fastify, { policy, names: compares ? OWN_ANSWERS : NAMES })
  cover(baseOfThisCopy())
  if (fastify.hasRequestDecorator(COVERED)) return
  // From a copy of Fastify other than ours: its class is known from its first request.
  fastify.addHook('onRequest', (request, _reply, next) => {
    cover(baseOf(request))
    next()
  })
}

/** The instances with truehop, and what is answered on each of them. */
const instances = new WeakMap<
  FastifyInstance,
  { readonly policy: Policy; readonly names: readonly AnswerName[] }
>()

/** Without `ips`: that property is how an instance with `trustProxy` is recognized. */
const NAMES: readonly AnswerName[] = [...OWN_ANSWERS, 'ip', 'protocol', 'host']

/** On the prototype of a class that has the getters. */
const COVERED = Symbol.for('truehop.covered/1')

/** A class, as far as it is needed here. */
interface Class {
  prototype: object
}

function cover(base: Class | undefined): void {
  if (base === undefined || COVERED in base.prototype) return
  const before = base.prototype
  Object.defineProperty(before, COVERED, { value: true })
  const over: object = Object.create(before)
  for (const name of NAMES) {
    Object.defineProperty(over, name, {
      get(this: FastifyRequest): unknown {
        const known = instances.get(this.server)
        if (known?.names.includes(name) !== true) return Reflect.get(before, name, this)
        bindRequest(this, known.policy)
        return ANSWERS[name](this)
      },
    })
  }
  base.prototype = over
}

/** The class of the requests of all instances of one copy of Fastify. */
function baseOf(request: object): Class | undefined {
  for (let at: object | null = request; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, 'routeOptions')) return at.constructor
  }
  return undefined
}

let ownBase: Class | undefined

/** Fastify hands out its base class in one place: where it refuses a path. */
function baseOfThisCopy(): Class | undefined {
  if (ownBase !== undefined) return ownBase
  const instance = fastify({
    frameworkErrors: (_error, request) => {
      ownBase = baseOf(request)
    },
  })
  // Without any route, no path counts as bad.
  instance.get('/', () => '')
  const request = new IncomingMessage(new Socket())
  request.method = 'GET'
  request.url = '/%'
  instance.routing(request, new ServerResponse(request))
  return ownBase
}
