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
export type { Details, Fields, FieldsOf, JsonSchema, Option, Values } from './option.js'
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
export { codeIn, memberOf, type Problem, type Report, show } from './problem.js'
export { type Refuse, readOptions } from './read.js'
export { optionTable } from './table.js'
