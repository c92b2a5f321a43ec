export { InspectorError, type InspectorErrorCode } from './inspector-error.js'
export type { InspectorOptions } from './options.js'
export { openInspectors } from './serve/open-inspectors.js'
