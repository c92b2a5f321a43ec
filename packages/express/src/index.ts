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
export type { ProxyProtocolCounts } from './attached-servers.js'
export {
  default,
  type TruehopMiddleware,
  type TruehopOptions,
  truehop,
} from './middleware.js'
export { MiddlewareError, type MiddlewareErrorCode } from './middleware-error.js'

import './request.js'
