/** Slots of a Redis cluster. */
const SLOTS = 16_384

/** CRC-16/XMODEM: polynomial 0x1021, most significant bit first, initial value 0. */
function crcTable(): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
    return crc & 0xffff
  })
}

let table: Uint16Array | undefined

export function crc16(text: string): number {
  table ??= crcTable()
  let crc = 0
  for (const byte of Buffer.from(text))
    crc = ((crc << 8) ^ (table[(crc >> 8) ^ byte] ?? 0)) & 0xffff
  return crc
}

/** The slot of all keys with this hash tag (Redis cluster specification, key distribution model). */
export function slotOf(tag: string): number {
  return crc16(tag) % SLOTS
}
