import { proxyHeader } from '../../../../test/bytes/proxy-header.js'

/** Bytes from hexadecimal (blanks allowed), and back. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Bytes of a version 1 line, one for each character. */
export function line(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

/** A version 2 header out of its two head bytes and its block, the length filled in. */
export function v2(head: string, block = ''): Uint8Array {
  return Uint8Array.from(proxyHeader(head, block))
}

/** 192.0.2.1:56324 to 198.51.100.7:443. */
export const INET_BLOCK = 'c0000201 c6336407 dc04 01bb'
/** [2001:db8::1]:56324 to [2001:db8::2]:443. */
export const INET6_BLOCK =
  '20010db8000000000000000000000001 20010db8000000000000000000000002 dc04 01bb'
