export * from './core.js'
export {
  bindRequest,
  bindServer,
  type IdentifiableRequest,
  identityOf,
  type RawRequest,
  UnboundRequestError,
} from './request.js'
