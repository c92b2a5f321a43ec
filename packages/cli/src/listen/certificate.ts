import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { parseAddress } from '@truehop/ip'
import {
  bits,
  boolean,
  der,
  identifier,
  integer,
  octets,
  sequence,
  set,
  tagged,
  time,
  utf8,
} from './der.js'

/** A TLS server's certificate and private key; both PEM. */
export interface Credentials {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

const HOUR = 3_600_000
/** Days of validity, from now on: longer than any such session lasts. */
const DAYS = 30

const ECDSA_WITH_SHA256 = sequence(identifier('1.2.840.10045.4.3.2'))
const COMMON_NAME = identifier('2.5.4.3')
const SUBJECT_ALT_NAME = identifier('2.5.29.17')
const BASIC_CONSTRAINTS = identifier('2.5.29.19')

/**
 * A certificate for these names and addresses, for a new key on P-256 and signed with that key (RFC
 * 5280). No authority vouches for it: it is for clients that do not check, or that were given it.
 */
export function selfSigned(names: readonly string[], now = new Date()): Credentials {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const unsigned = toBeSigned(names, now, spki)
  // node:crypto returns the signature in the DER form that a certificate needs.
  const signature = sign('sha256', unsigned, privateKey)
  const certificate = sequence(unsigned, ECDSA_WITH_SHA256, bits(signature))
  return { cert: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }
}

/** TBSCertificate, version 3, RFC 5280 section 4.1. */
function toBeSigned(names: readonly string[], now: Date, spki: Buffer): Buffer {
  const name = sequence(set(sequence(COMMON_NAME, utf8('truehop listen'))))
  const start = new Date(now.getTime() - HOUR)
  const end = new Date(now.getTime() + DAYS * 24 * HOUR)
  return sequence(
    tagged(0, integer(2)),
    integer(1, ...randomBytes(15)),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(start), time(end)),
    name,
    spki,
    tagged(
      3,
      sequence(
        sequence(SUBJECT_ALT_NAME, octets(sequence(...names.map(generalName)))),
        // A verifier that is told to trust it treats it as an authority: it signed itself.
        sequence(BASIC_CONSTRAINTS, boolean(true), octets(sequence(boolean(true)))),
      ),
    ),
  )
}

/** dNSName or iPAddress, RFC 5280 section 4.2.1.6. */
function generalName(name: string): Buffer {
  const address = parseAddress(name)
  return address === undefined ? der(0x82, Buffer.from(name)) : der(0x87, address.bytes())
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
