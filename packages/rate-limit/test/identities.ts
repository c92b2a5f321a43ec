import { type ClientIdentity, definePolicy, resolve } from '@truehop/identity'

const direct = definePolicy({ hops: [] })
const proxied = definePolicy({ trust: ['any'], header: 'x-forwarded-for' })

/** The identity of a client that connects directly. */
export function client(ip: string): ClientIdentity {
  return resolve(direct, { peer: ip, headers: {} })
}

/** The identity of a client that the last trusted hop does not name. */
export function nobody(lastTrustedHop: string): ClientIdentity {
  return resolve(proxied, { peer: lastTrustedHop, headers: { 'x-forwarded-for': 'unknown' } })
}

/** The identity of a client on a Unix socket, or on a connection that is gone. */
export function noPeer(peer: 'unix' | undefined): ClientIdentity {
  return resolve(direct, { peer, headers: {} })
}
