import { type Report, show } from '@truehop/options'
import type { Request } from 'express'

/** Literal text, or one parameter that is the whole segment. */
const SEGMENT = /^(:\w+|[\w.~@!$&',;=%-]*)$/

/**
 * The pattern of the route that answered a request, and nothing that the client wrote.
 *
 * Express says where a router is mounted only as the request matched it (`req.baseUrl`), which for
 * a router on `/users/:id` is the client's text. So the pattern is known if the route is the
 * application's own, if everything above it is a sub-application (`app.path()`), or if `mountPaths`
 * has the pattern; otherwise there is none.
 */
export class ExpressRoutes {
  readonly #mounts: readonly string[]

  constructor(mounts: readonly string[]) {
    this.#mounts = mounts
  }

  of(request: Request): string | undefined {
    const path: unknown = request.route?.path
    if (path === undefined) return undefined
    const mount = this.#mountOf(request)
    // When an error leaves a router, its mount path is forgotten: the pattern is then only a part.
    if (mount === undefined || !mayMatch(`${mount}${String(path)}`, request)) return undefined
    return `${mount}${String(path)}`
  }

  #mountOf({ app, baseUrl }: Request): string | undefined {
    // Absent if an error has left the application.
    const matched: unknown = baseUrl ?? ''
    if (matched === '') return ''
    if (typeof matched !== 'string') return undefined
    // Applications inside one mounted on `/` have a path that begins with two slashes.
    const own = app.path().replace(/\/{2,}/g, '/')
    return [own, ...this.#mounts].find((mount) => matches(mount, matched))
  }
}

/** A mount path as an option: of literal and parametric segments, without the last slash. */
export function readMountPath(value: unknown, path: string, report: Report): string {
  if (typeof value === 'string' && value.startsWith('/') && isPlain(value) && value.length > 1) {
    return value.replace(/\/$/, '')
  }
  const message = `must be a path such as '/users/:id', got ${show(value)}; leave out paths with wildcards or groups`
  report({ path, code: 'bad-option', message })
  return ''
}

const isPlain = (pattern: string): boolean =>
  pattern.split('/').every((segment) => SEGMENT.test(segment))

/** Whether a plain pattern is what matched the whole of a text. Letter case as in Express. */
function matches(pattern: string, text: string): boolean {
  if (!isPlain(pattern)) return false
  const [wanted, found] = [pattern.split('/'), text.split('/')]
  if (wanted.length !== found.length) return false
  return wanted.every((segment, i) => isSame(segment, found[i] ?? ''))
}

function isSame(segment: string, text: string): boolean {
  return segment.startsWith(':') || segment.toLowerCase() === text.toLowerCase()
}

/** False if the request's path cannot have matched; patterns that are not plain may have. */
function mayMatch(pattern: string, { originalUrl }: Request): boolean {
  if (pattern === originalUrl || !isPlain(pattern)) return true
  const path = originalUrl.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/s, '')
  return matches(pattern.replace(/\/$/, ''), path.replace(/\/$/, ''))
}
