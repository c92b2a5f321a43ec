/** One thing that is wrong with what was given. */
export interface Problem {
  /** Where: `hops[1].from[0]`. Empty for the options themselves. */
  readonly path: string
  /** A stable code: the option's own, `bad-option` or `unknown-option`. */
  readonly code: string
  /** What is wrong and what to write instead: `must be an integer from 1 to 64, got '1'`. */
  readonly message: string
  /** Where only one thing can be meant. */
  readonly correction?: Correction | undefined
}

/** Of an unknown option its name, else the value. */
export interface Correction {
  readonly written: string
  readonly instead: string
}

/** Collects what is wrong, so that all of it can be reported at once. */
export type Report = (problem: Problem) => void

/** Problems kept for one input: anyone who fixes this many will check again. */
const MOST_PROBLEMS = 1000

/** The problems found so far, in the order they were found. */
export class Problems {
  readonly all: Problem[] = []
  readonly #known = new Set<string>()

  /** Notes a problem, but only the first at each place, as later ones often follow from it. */
  readonly report: Report = (problem) => {
    if (this.#known.has(problem.path) || this.all.length === MOST_PROBLEMS) return
    this.#known.add(problem.path)
    this.all.push(problem)
  }

  /** Whether nothing is wrong at these paths or anywhere below them. */
  areFine(...paths: readonly string[]): boolean {
    return !this.all.some(({ path }) => paths.some((at) => isWithin(path, at)))
  }
}

function isWithin(path: string, at: string): boolean {
  return path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`)
}

/**
 * A problem's code as one of a package's own codes; `otherwise` if the package does not list it.
 */
export function codeIn<C extends string>(
  codes: readonly C[],
  code: string,
  otherwise: NoInfer<C>,
): C {
  return codes.find((known) => known === code) ?? otherwise
}

/** A value as a message shows it, at most 60 characters. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : describe(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** `16,777,216`. Not by the data of all languages: reading them in takes longer than all else at start. */
export function grouped(value: number): string {
  const [whole = '', ...fraction] = String(value).split('.')
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.')
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'function') return String(value)
  return isAsync(value) ? 'an async function' : 'a function'
}

/** As written, that is: what a compiler made of it for an older language cannot be recognized. */
export function isAsync(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object AsyncFunction]'
}

/** The path of a member: `proxyProtocol.timeout`, or `timeout` for the options themselves. */
export function memberOf(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
