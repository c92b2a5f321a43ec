import { readFields } from './compound.js'
import type { Details, Fields, Values } from './option.js'
import type { Problem } from './problem.js'

/** Makes a package's own error of what is wrong first. */
export type Refuse = (first: Problem, all: readonly Problem[]) => Error

/**
 * The options as the program uses them, defaults filled in.
 *
 * @throws what `refuse` makes of the problems, where there are any.
 */
export function readOptions<const F extends Fields>(
  fields: F,
  given: unknown,
  refuse: Refuse,
  details: Details<unknown> = { says: '' },
): Values<F> {
  const problems: Problem[] = []
  const values = readFields(fields, given, '', (problem) => problems.push(problem), details)
  const [first] = problems
  if (first !== undefined) throw refuse(first, problems)
  return values
}
