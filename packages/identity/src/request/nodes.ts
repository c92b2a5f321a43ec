import type { ClientIdentity } from '../walk/identity.js'

/** The nodes of the walk, client first, where the identity has them. */
export function nodesOf(identity: ClientIdentity): readonly string[] {
  const { nodes } = identity as { readonly nodes?: readonly string[] }
  return identity.status === 'resolved' ? (nodes ?? []) : []
}
