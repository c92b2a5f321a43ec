export {
  custom,
  isRecord,
  type ListBounds,
  list,
  nearest,
  object,
  objectSchema,
  readFields,
  reportUnknown,
} from './compound.js'
export type { Details, Fields, FieldsOf, JsonSchema, Option, Values } from './option.js'
export {
  type Bounds,
  boolean,
  callback,
  choice,
  immediateCallback,
  instance,
  integer,
  number,
  oneOf,
  someOf,
  text,
} from './plain.js'
export {
  type Correction,
  codeIn,
  isAsync,
  memberOf,
  type Problem,
  Problems,
  type Report,
  show,
} from './problem.js'
export { type Refuse, readOptions } from './read.js'
export { receiverFields, timeout } from './receiver.js'
export { optionTable } from './table.js'
