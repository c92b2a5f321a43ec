/** A record before it is written: names and plain values, nested or flat. */
export type Fields = Readonly<Record<string, unknown>>

/** Leaves out what is undefined: a name without a value says nothing and costs space. */
export function defined(fields: Fields): Fields {
  const kept: Record<string, unknown> = {}
  for (const name in fields) {
    const value = fields[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}
