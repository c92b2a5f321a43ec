/** A character a byte, as Node reads header fields: no bytes are lost, and none are refused. */
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** The other way round; of a character beyond those of a byte, what is left of it in one. */
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')
