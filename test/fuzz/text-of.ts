/** A character a byte, as Node reads header fields: no bytes are lost, and none are refused. */
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
