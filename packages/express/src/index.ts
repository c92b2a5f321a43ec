export type { OnUndetermined } from '@truehop/identity/adapter'
export type { ProxyProtocolCounts } from './attached-servers.js'
export {
  default,
  type TruehopMiddleware,
  type TruehopOptions,
  truehop,
} from './middleware.js'
export { MiddlewareError, type MiddlewareErrorCode } from './middleware-error.js'

import './request.js'
