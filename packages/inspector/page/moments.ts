const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const

/** `3 hours ago`: how long something was before `now`, in the largest unit that fits. */
export function ago(at: number, now: number): string {
  const age = Math.max(0, now - at)
  for (const [unit, length] of UNITS) {
    const count = Math.floor(age / length)
    if (count >= 1) return `${count} ${unit}${count === 1 ? '' : 's'} ago`
  }
  return 'just now'
}

/** Hours, minutes and seconds of the reader's own day. */
export function clock(at: number): string {
  return new Date(at).toTimeString().slice(0, 8)
}

/** Day and time, in one form wherever the reader is: beside `clock`, two forms would be read twice. */
export function moment(at: number): string {
  const date = new Date(at)
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
  return `${day.map((part) => String(part).padStart(2, '0')).join('-')} ${clock(at)}`
}

const SPANS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `30s`, `5m`, `2h` or `1d`; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,4})([smhd])$/.exec(text) ?? []
  const length = SPANS[unit]
  return count === undefined || length === undefined ? undefined : Number(count) * length
}
