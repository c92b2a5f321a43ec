/** DER, X.690: a tag, the length of the contents, and the contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content])
}

function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.of(length)
  const digits = length.toString(16)
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes])
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents)
export const set = (...contents: readonly Uint8Array[]): Buffer => der(0x31, ...contents)
export const boolean = (value: boolean): Buffer => der(0x01, Buffer.of(value ? 0xff : 0))
export const octets = (...contents: readonly Uint8Array[]): Buffer => der(0x04, ...contents)
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text))

/** An explicit tag of the context. */
export const tagged = (tag: number, ...contents: readonly Uint8Array[]): Buffer =>
  der(0xa0 | tag, ...contents)

/** A positive INTEGER of big-endian bytes, the first of them not zero. */
export function integer(...bytes: readonly number[]): Buffer {
  const isNegative = (bytes[0] ?? 0) >= 0x80
  return der(0x02, Buffer.of(...(isNegative ? [0] : []), ...bytes))
}

/** A BIT STRING of whole bytes. */
export const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.of(0), bytes)

/** An OBJECT IDENTIFIER such as `2.5.4.3`. */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return der(0x06, Buffer.from([40 * first + second, ...others].flatMap(base128)))
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f]
  for (let rest = arc >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}

/** A moment, to the second: UTCTime before 2050, else GeneralizedTime (RFC 5280 section 4.1.2.5). */
export function time(moment: Date): Buffer {
  const digits = `${moment.toISOString().replace(/\D/g, '').slice(0, 14)}Z`
  const isUtcTime = moment.getUTCFullYear() < 2050
  return isUtcTime ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits))
}
