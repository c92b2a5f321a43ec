import { InvalidArgumentError, Option } from 'commander'

/** Reads an option's value as an integer. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`)
  }
}

/** An option that may come several times, its values in a list. */
export function repeatable(
  flags: string,
  says: string,
  add: (text: string, all: readonly string[]) => readonly string[],
): Option {
  return new Option(flags, `${says}; repeatable`).argParser(add).default([], 'none')
}
