/** Names of one kind that are remembered. There are a dozen or two; remembering more costs time. */
const MAX_NAMES = 256

/** A function of names that computes each of them once: the same few come with every record. */
export function remembering(of: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>()
  return (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const made = of(name)
    if (known.size < MAX_NAMES) known.set(name, made)
    return made
  }
}
