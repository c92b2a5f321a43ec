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
export type { ProxyProtocolCounts } from './attached-servers.js'
export { TruehopExpressError, type TruehopExpressErrorCode } from './error.js'
export {
  default,
  type TruehopMiddleware,
  type TruehopOptions,
  truehop,
} from './middleware.js'

import './request.js'
