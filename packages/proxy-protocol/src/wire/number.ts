import { u8 } from './bytes.js'

/** The port in `bytes[start..end)`: 0 to 65535 in decimal, no sign, no leading zero; else -1. */
export function parsePort(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length < 1 || length > 5) return -1
  if (bytes[start] === 0x30) return length === 1 ? 0 : -1
  let port = 0
  for (let at = start; at < end; at++) {
    const digit = u8(bytes, at) - 0x30
    if (digit < 0 || digit > 9) return -1
    port = port * 10 + digit
  }
  return port <= 65535 ? port : -1
}

/** Whether `bytes[start..end)` is dotted decimal: four numbers of 0 to 255, no leading zeros. */
export function parseIpv4(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 7 || end - start > 15) return false
  let dots = 0
  let digits = 0
  let octet = 0
  for (let at = start; at < end; at++) {
    const byte = u8(bytes, at)
    if (byte === 0x2e) {
      if (digits === 0 || ++dots > 3) return false
      digits = 0
      octet = 0
      continue
    }
    const digit = byte - 0x30
    if (digit < 0 || digit > 9 || (digits > 0 && octet === 0)) return false
    octet = octet * 10 + digit
    digits++
    if (octet > 255) return false
  }
  return dots === 3 && digits > 0
}
