/*
 * Registered symbols, so that two copies of this package in one process see each other's work, and
 * so that they can be read through the proxy object that is HTTP/2's `session.socket`. In a
 * separate file because nothing outside the receiver may have them.
 */
export const EVIDENCE: unique symbol = Symbol.for('truehop.evidence/1')
/** How much had been read from a socket when a receiver passed it on: see `pastOf`. */
export const READ_BEFORE: unique symbol = Symbol.for('truehop.read-before/1')
