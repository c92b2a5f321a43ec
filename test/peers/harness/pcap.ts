/*
 * Just enough of the classic capture format for a dissector to read bytes as the start of a TCP
 * connection: a file header, and for each packet a record header, Ethernet, IPv4, TCP and payload.
 */

const MAGIC = 0xa1b2c3d4
const LINK_ETHERNET = 1
const RECORD_BYTES = 16
const HEADERS_BYTES = 14 + 20 + 20

/** A capture with one packet for each payload, from ports 10001, 10002, … to `port`. */
export function tcpCapture(payloads: readonly Uint8Array[], port: number): Buffer {
  const packets = payloads.map((payload, index) => tcpPacket(payload, 10001 + index, port))
  return Buffer.concat([fileHeader(), ...packets])
}

function fileHeader(): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32BE(MAGIC, 0)
  header.writeUInt16BE(2, 4)
  header.writeUInt16BE(4, 6)
  header.writeUInt32BE(0x40000, 16)
  header.writeUInt32BE(LINK_ETHERNET, 20)
  return header
}

function tcpPacket(payload: Uint8Array, from: number, to: number): Buffer {
  const packet = Buffer.alloc(RECORD_BYTES + HEADERS_BYTES + payload.length)
  const length = HEADERS_BYTES + payload.length
  packet.writeUInt32BE(from, 0)
  packet.writeUInt32BE(length, 8)
  packet.writeUInt32BE(length, 12)
  const ethernet = packet.subarray(RECORD_BYTES)
  ethernet.writeUInt16BE(0x0800, 12)
  const ip = ethernet.subarray(14)
  ip.writeUInt8(0x45, 0)
  ip.writeUInt16BE(length - 14, 2)
  ip.writeUInt8(64, 8)
  ip.writeUInt8(6, 9)
  ip.set([127, 0, 0, 1, 127, 0, 0, 2], 12)
  const tcp = ip.subarray(20)
  tcp.writeUInt16BE(from, 0)
  tcp.writeUInt16BE(to, 2)
  tcp.writeUInt32BE(1, 4)
  tcp.writeUInt32BE(1, 8)
  tcp.writeUInt8(5 << 4, 12)
  tcp.writeUInt8(0x18, 13)
  tcp.writeUInt16BE(0xffff, 14)
  tcp.set(payload, 20)
  return packet
}
