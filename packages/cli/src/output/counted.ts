/** `1 request`, `2 requests`: a count and what it counts, with `many` where an s is not all. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `the one request`, `any of the 40 requests`. */
export function anyOf(count: number, one: string): string {
  return count === 1 ? `the one ${one}` : `any of the ${counted(count, one)}`
}

/** `the one request`, `all 40 requests`. */
export function allOf(count: number, one: string): string {
  return count === 1 ? `the one ${one}` : `all ${counted(count, one)}`
}
