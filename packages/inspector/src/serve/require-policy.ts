import {
  type IdentifiableRequest,
  type Policy,
  policyOf,
  UnboundRequestError,
} from '@truehop/identity'

/** @throws {UnboundRequestError} if no policy is in force for the request. */
export function requirePolicy(request: IdentifiableRequest): Policy {
  const policy = policyOf(request)
  if (policy === undefined) throw new UnboundRequestError()
  return policy
}
