/** A member of what YAML or JSON was read into; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let node = value
  for (const name of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined
    node = Object.entries(node).find(([key]) => key === name)?.[1]
  }
  return node
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

export function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

/** Every object within a value, itself first, to a depth that no manifest has. */
export function* objectsIn(value: unknown, depth = 64): Generator<object> {
  if (typeof value !== 'object' || value === null || depth === 0) return
  yield value
  for (const inner of Object.values(value)) yield* objectsIn(inner, depth - 1)
}
