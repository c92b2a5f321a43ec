/**
 * Makes `instanceof` true for instances from another copy of the package: one loaded with `import`
 * while another is loaded with `require`, one in a bundle, another version. Each copy has its own
 * class, and all of them carry one registered symbol.
 *
 * `shape` is the name of the class and a number, `Policy/1`. The number goes up with a change that
 * the code of an older copy could not work with; the two copies then do not recognize each other.
 *
 * Nothing a client sends can carry a symbol.
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

/** Whether an object, or a class it inherits from, has the registered symbol. */
export function carries(value: unknown, symbol: symbol): value is object {
  return typeof value === 'object' && value !== null && symbol in value
}

interface Branded {
  readonly prototype: object
}
