import { carries } from '../brand.js'

const BRAND = Symbol.for('truehop.error/1')

/** Where the codes are explained, each under its own heading. */
const HELP = 'https://github.com/truehop/truehop/blob/main/docs/errors.md'

/**
 * The base of every error that a package of this project throws: a stable code, the place of the
 * mistake, and a link to what the code means. `instanceof` also works for errors from another copy
 * of the package, such as when one is loaded with `import` and the other with `require`.
 */
export abstract class TruehopError extends Error {
  /** Stable: a retired code is never used again. */
  abstract readonly code: string
  /** Where in the input: `hops[1].from[0]`. Empty if it concerns the input as a whole. */
  readonly path: string

  constructor(message: string, path = '', options?: ErrorOptions) {
    super(message, options)
    this.path = path
  }

  /** A link to the documentation of the code. */
  get help(): string {
    return `${HELP}#${this.code}`
  }

  get [BRAND](): true {
    return true
  }
}

Object.defineProperty(TruehopError, Symbol.hasInstance, { value: isInstance })

/** `instanceof TruehopError`, and of each class that extends it: `this` is the class asked about. */
function isInstance(this: { readonly name: string }, value: unknown): boolean {
  if (Function.prototype[Symbol.hasInstance].call(this, value)) return true
  return carries(value, BRAND) && (this === TruehopError || nameOf(value) === this.name)
}

function nameOf(value: object): unknown {
  return 'name' in value ? value.name : undefined
}

/** `hops[1].from: must be … [bad-from]`; `whole` stands in for an empty path. */
export function placedMessage(path: string, whole: string, message: string, code: string): string {
  const place = path === '' ? whole : path
  return `${place === '' ? '' : `${place}: `}${message} [${code}]`
}
