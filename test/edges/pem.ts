import { readFileSync } from 'node:fs'

/** A self-signed certificate for localhost, with its key. It protects nothing. */
export const PEM = readFileSync(
  new URL('../../packages/proxy-protocol/test/fixtures/localhost.pem', import.meta.url),
)

export const TLS = { key: PEM, cert: PEM }
