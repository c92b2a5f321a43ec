export {
  type ClientIdentity,
  definePolicy,
  type HopRule,
  type HopsOptions,
  type IdentifiableRequest,
  identityOf,
  type OnUndetermined,
  Policy,
  PolicyError,
  type PolicyOptions,
  type ResolvedIdentity,
  rangesFrom,
  TruehopError,
  type TrustOptions,
  type UndeterminedIdentity,
} from '@truehop/identity/adapter'
export { TruehopFastifyError, type TruehopFastifyErrorCode } from './error.js'
export type { ProxyProtocolCounts } from './listening-servers.js'
export { default, type TruehopOptions, truehop } from './plugin.js'

import './request.js'
