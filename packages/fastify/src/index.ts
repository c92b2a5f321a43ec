export type { OnUndetermined } from '@truehop/identity/adapter'
export type { ProxyProtocolCounts } from './listening-servers.js'
export { default, type TruehopOptions, truehop } from './plugin.js'
export { PluginError, type PluginErrorCode } from './plugin-error.js'

import './request.js'
