// Inputs of the measurements: many different ones of each kind, the same in every run.

/** Numbers from 0 to below 2^32, always the same ones (xorshift32). */
export function randomWords(seed) {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** As a header parser makes it: one piece, and no other object's property key. */
export function flat(text) {
  return Buffer.from(text).toString('latin1')
}

export function ipv4(word) {
  return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.')
}

export function many(count, make) {
  return Array.from({ length: count }, (_, i) => make(i))
}

/** Requests from a trusted load balancer: a client and two trusted hops in `X-Forwarded-For`. */
export function threeHopRequests() {
  const word = randomWords(7)
  return many(1024, () => {
    const [a, b, c] = [word(), word(), word()]
    return {
      peer: flat(`10.0.${a & 255}.${b & 255}`),
      headers: {
        host: 'shop.example',
        'x-forwarded-for': flat(
          `198.51.${a >>> 24}.${b >>> 24}, 10.1.${c & 255}.4, 10.0.${c >>> 24}.7`,
        ),
      },
      proxyHeaders: [],
    }
  })
}

/**
 * The same, as proxy-addr reads a request: no more of one than that.
 *
 * @returns {any}
 */
export function asIncoming({ peer, headers }) {
  return { headers, socket: { remoteAddress: peer }, connection: { remoteAddress: peer } }
}

/** An `X-Forwarded-For` of so many elements, all of them of 10.0.0.0/8. */
export function trustedChain(elements) {
  const word = randomWords(elements + 1)
  return flat(many(elements, () => `10.${word() & 15}.${word() & 15}.${word() & 255}`).join(', '))
}

/** Distinct /24 prefixes in 11.0.0.0 to 127.255.255.0, as many as there are and then /28 and longer. */
export function prefixes(count) {
  const word = randomWords(99)
  const found = new Set()
  const length = count > 100_000 ? 28 : 24
  const mask = length === 24 ? 0xffffff00 : 0xfffffff0
  while (found.size < count) {
    const address = (((11 + (word() % 116)) << 24) | (word() & 0xffffff)) & mask
    found.add(`${ipv4(address >>> 0)}/${length}`)
  }
  return Array.from(found, flat)
}
