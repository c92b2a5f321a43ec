/**
 * PROXY headers as bytes, put together from the specification and nothing of ours: what a suite sends
 * must not come from the code under test. Where bytes are a vector, they stand in the test as they are.
 */

/** Section 2.2: the twelve bytes that version 2 begins with, in hexadecimal. */
export const SIGNATURE = '0d0a0d0a000d0a515549540a'

/** The line of section 2.1 for a client at an IPv4 or IPv6 address. */
export function proxyLine(
  source: string,
  destination = source.includes(':') ? '2001:db8::1' : '198.51.100.1',
  ports: readonly [source: number, destination: number] = [4711, 443],
): string {
  const family = source.includes(':') ? 'TCP6' : 'TCP4'
  return `PROXY ${family} ${source} ${destination} ${ports.join(' ')}\r\n`
}

/** The line of a proxy that cannot say who its client is. */
export const UNKNOWN_LINE = 'PROXY UNKNOWN\r\n'

/**
 * A header of version 2 out of its thirteenth and fourteenth byte and its block, all hexadecimal, blanks
 * allowed. The length is filled in.
 */
export function proxyHeader(head: string, block = ''): Buffer {
  const bytes = Buffer.from(block.replaceAll(' ', ''), 'hex')
  const length = (bytes.length & 0xffff).toString(16).padStart(4, '0')
  const first = Buffer.from(`${SIGNATURE}${head.replaceAll(' ', '')}${length}`, 'hex')
  return Buffer.concat([first, bytes])
}
