/**
 * Makes `instanceof` hold for instances that another copy of the package made: one loaded with
 * `import` beside one loaded with `require`, one that a bundler put into a file, another version.
 * Each copy has a class of its own, and all of them carry one registered symbol.
 *
 * `shape` is the name of the class and a number, `Policy/1`. The number goes up with a change that
 * code of an older copy could not work with; the two are strangers to each other then.
 *
 * Nothing that a client sends can carry a symbol.
 */
export function brand(target: Branded, shape: string): void {
  const symbol = Symbol.for(`truehop.class.${shape}`)
  Object.defineProperty(target.prototype, symbol, { value: true })
  Object.defineProperty(target, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (this === target) return carries(value, symbol)
      return Function.prototype[Symbol.hasInstance].call(this, value)
    },
  })
}

/** Whether an object, or a class above it, has the registered symbol. */
export function carries(value: unknown, symbol: symbol): value is object {
  return typeof value === 'object' && value !== null && symbol in value
}

interface Branded {
  readonly prototype: object
}
