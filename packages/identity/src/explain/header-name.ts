/** A header's name as it is usually written: `X-Forwarded-For`, `CF-Connecting-IP`. */
export function headerName(name: string): string {
  return name
    .split('-')
    .map((word) =>
      word === 'ip' || word === 'cf'
        ? word.toUpperCase()
        : word.charAt(0).toUpperCase() + word.slice(1),
    )
    .join('-')
}
