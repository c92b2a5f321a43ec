export {
  custom,
  isRecord,
  type ListBounds,
  list,
  nearest,
  object,
  objectSchema,
  reportUnknown,
} from './compound.js'
export type { Details, Fields, JsonSchema, Option, Values } from './option.js'
export {
  type Bounds,
  boolean,
  callback,
  choice,
  instance,
  integer,
  number,
  oneOf,
  text,
} from './plain.js'
export { memberOf, type Problem, type Report, show } from './problem.js'
export { type Refuse, readOptions } from './read.js'
export { optionTable } from './table.js'
