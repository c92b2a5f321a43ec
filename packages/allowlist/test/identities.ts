import { type ClientIdentity, definePolicy, resolve } from '@truehop/identity/portable'

const trusting = definePolicy({ trust: ['10.0.0.0/8'], header: 'x-forwarded-for' })

/** The identity of a client that connects directly. */
export function clientAt(ip: string): ClientIdentity {
  return resolve(trusting, { peer: ip, headers: {} })
}

/** A trusted proxy that names nobody: undetermined. */
export function undetermined(): ClientIdentity {
  return resolve(trusting, { peer: '10.0.0.1', headers: { 'x-forwarded-for': 'unknown' } })
}
