import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Bytes of a key. */
export const KEY_BYTES = 32

/**
 * How the key of each record follows from the one before, all by HMAC-SHA-256:
 *
 *     K0 ──next──> K1 ──next──> K2 …      what a service has is the last one alone
 *      └record─> the key that the record with index 0 is sealed with
 *
 * Nobody can go back an arrow: whoever has K2 can seal records from index 2 on, and can change none
 * with index 0 or 1. Whoever has K0 can check all of them.
 */
export function recordKey(key: Uint8Array): Buffer {
  return createHmac('sha256', key).update('truehop audit record').digest()
}

/** Overwrites the key that it follows from. */
export function nextKey(key: Uint8Array): Buffer {
  const next = createHmac('sha256', key).update('truehop audit next key').digest()
  key.fill(0)
  return next
}

/** Names K0 without saying anything about it: 8 hexadecimal digits. */
export function keyId(first: Uint8Array): string {
  return createHash('sha256').update('truehop audit key id').update(first).digest('hex').slice(0, 8)
}

/** In hexadecimal digits. */
export function macOf(key: Uint8Array, data: string | Uint8Array): string {
  return createHmac('sha256', key).update(data).digest('hex')
}

/** Whether `mac`, 64 hexadecimal digits, is that of the data; how long it takes says nothing. */
export function isMacOf(mac: string, key: Uint8Array, data: Uint8Array): boolean {
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(key, data)))
}
