import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'

/** Signature types of C2SP signed-note: a log's own, and a witness's with its time. */
export const ED25519 = 1
export const COSIGNATURE = 4

/** A name and a public key, as `name+id+base64(type, key)` says. */
export interface VerifierKey {
  readonly name: string
  /** 8 hexadecimal digits. */
  readonly id: string
  readonly type: typeof ED25519 | typeof COSIGNATURE
  readonly key: KeyObject
}

/** A log's own private key. */
export interface SignerKey extends VerifierKey {
  readonly secret: KeyObject
}

/** What precedes the 32 bytes of an Ed25519 key in DER: RFC 8410 sections 4 and 7. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Names have neither Unicode spaces nor a plus; control characters have no place in a note. */
const NAME = /^[^\s+\p{Cc}\p{Z}]{1,255}$/u

/** Undefined for a text that is not the public key of a log or of a witness. */
export function readVerifierKey(text: string): VerifierKey | undefined {
  const [, name = '', id = '', encoded = ''] = /^([^+]+)\+([\da-f]{8})\+(\S+)$/.exec(text) ?? []
  const [type, ...bytes] = Buffer.from(encoded, 'base64')
  if (!isName(name) || bytes.length !== 32 || (type !== ED25519 && type !== COSIGNATURE)) {
    return undefined
  }
  const raw = Buffer.from(bytes)
  if (keyId(name, type, raw) !== id) return undefined
  const key = createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
  return { name, id, type, key }
}

/** Undefined for a text that is not a log's private key: `PRIVATE+KEY+name+id+base64(1, seed)`. */
export function readSignerKey(text: string): SignerKey | undefined {
  const [, name = '', id, encoded = ''] =
    /^PRIVATE\+KEY\+([^+]+)\+([\da-f]{8})\+(\S+)$/.exec(text) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (!isName(name) || bytes.length !== 33 || bytes[0] !== ED25519) return undefined
  const der = Buffer.concat([PKCS8, bytes.subarray(1)])
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const key = createPublicKey(secret)
  return keyId(name, ED25519, rawOf(key)) === id
    ? { name, id, type: ED25519, key, secret }
    : undefined
}

/** A new key of a log: its private text, and the public one that `readVerifierKey` takes. */
export function newSignerKey(name: string): { readonly signer: string; readonly verifier: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = rawOf(publicKey)
  const id = keyId(name, ED25519, raw)
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length)
  return {
    signer: `PRIVATE+KEY+${name}+${id}+${encodedKey(seed)}`,
    verifier: `${name}+${id}+${encodedKey(raw)}`,
  }
}

/**
 * Which key is one before it again, under whatever name, and which one that is: what it signs with
 * type 4 does not contain the name, so that one party would count for two. Undefined for none.
 */
export function repeatedKey(keys: readonly VerifierKey[]): readonly [number, number] | undefined {
  for (const [i, { key }] of keys.entries()) {
    const first = keys.findIndex((other) => other.key.equals(key))
    if (first < i) return [i, first]
  }
  return undefined
}

export function isName(name: string): boolean {
  return NAME.test(name)
}

function encodedKey(bytes: Uint8Array): string {
  return Buffer.from([ED25519, ...bytes]).toString('base64')
}

function rawOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length)
}

/** The first four bytes of SHA-256 over name, newline, type and key, in hexadecimal digits. */
function keyId(name: string, type: number, raw: Uint8Array): string {
  const hash = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(type)).update(raw)
  return hash.digest('hex').slice(0, 8)
}
