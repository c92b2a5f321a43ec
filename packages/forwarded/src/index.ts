export { type EntryCursor, headerText } from './entry-cursor.js'
export { ForwardedCursor } from './forwarded.js'
export type { ForwardedElement } from './forwarded-element.js'
export {
  type IdentifiedNode,
  type NodeFault,
  type NodePlace,
  type NodeReading,
  namedNode,
  parseForwardedNode,
  parseHeaderNode,
  putAddress,
  putAddressText,
  type UnidentifiedNode,
} from './node.js'
export { nthElementFromRight } from './nth-element.js'
export { readEntry } from './read-entry.js'
export { SingleAddressCursor, type SingleAddressForm } from './single-address.js'
export { XForwardedForCursor } from './x-forwarded-for.js'
