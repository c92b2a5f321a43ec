const PRIVATE = Object.freeze(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'])

/**
 * The ranges that have a name, as in Express: `loopback` (RFC 1122 section 3.2.1.3, RFC 4291 section
 * 2.5.3), `linklocal` (RFC 3927, RFC 4291 section 2.5.6), `uniquelocal` and `private`, which are the
 * same (RFC 1918, RFC 4193); and `cgnat`, the space that carriers and platforms share (RFC 6598).
 */
export const NAMED_RANGES = Object.freeze({
  loopback: Object.freeze(['127.0.0.0/8', '::1/128']),
  linklocal: Object.freeze(['169.254.0.0/16', 'fe80::/10']),
  uniquelocal: PRIVATE,
  private: PRIVATE,
  cgnat: Object.freeze(['100.64.0.0/10']),
})

export type RangeName = keyof typeof NAMED_RANGES

/** True for a key of NAMED_RANGES; names are lower case. */
export function isRangeName(text: string): text is RangeName {
  return Object.hasOwn(NAMED_RANGES, text)
}
