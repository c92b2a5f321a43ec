export {
  type HopRule,
  type HopsOptions,
  PolicyError,
  type PolicyOptions,
  rangesFrom,
  type TrustOptions,
} from '@truehop/identity'
export {
  type ClientIdentity,
  definePolicy,
  type IdentifiableRequest,
  identityOf,
  type OnUndetermined,
  Policy,
  type ResolvedIdentity,
  type UndeterminedIdentity,
} from '@truehop/identity/adapter'
export type { ProxyProtocolCounts } from './listening-servers.js'
export { default, type TruehopOptions, truehop } from './plugin.js'
export { PluginError, type PluginErrorCode } from './plugin-error.js'

import './request.js'
