export { InspectorError, type InspectorErrorCode } from './inspector-error.js'
export type { ActionTargets, InspectorOptions, OperableLimit, OperableList } from './options.js'
export { ACTION_CHANNEL, type ActionMessage } from './serve/actions.js'
export { openInspectors } from './serve/open-inspectors.js'
