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
export type { ProxyProtocolCounts } from './attached-servers.js'
export { TruehopExpressError, type TruehopExpressErrorCode } from './error.js'
export {
  default,
  type TruehopMiddleware,
  type TruehopOptions,
  truehop,
} from './middleware.js'

import './request.js'
