import type { ConnectionOptions, TlsOptions } from 'node:tls'

const KEY = Buffer.alloc(32, 7)
const CIPHERS = 'PSK-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256'

/** A key that both sides share, in place of the certificate. */
export const PSK = {
  server: { ciphers: CIPHERS, pskCallback: () => KEY } satisfies TlsOptions,
  client: {
    ciphers: CIPHERS,
    pskCallback: () => ({ psk: KEY, identity: 'a' }),
    checkServerIdentity: () => undefined,
  } satisfies ConnectionOptions,
}
