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
  TruehopError,
  type UndeterminedIdentity,
} from '@truehop/identity/adapter'
export { TruehopFastifyError, type TruehopFastifyErrorCode } from './error.js'
export type { ProxyProtocolCounts } from './listening-servers.js'
export { default, type TruehopOptions, truehop } from './plugin.js'

import './request.js'
