import type { Address } from '../address/address.js'
import { parseAddress } from '../address/parse-address.js'

const EXAMPLE = 'write an address such as "192.0.2.1" or a prefix such as "192.0.2.0/24"'

/** What to write instead of an entry whose address part is invalid. */
export function adviseAddress(entry: string): string {
  const trimmed = entry.trim()
  if (trimmed === '') return EXAMPLE
  if (entry.includes(',')) return 'write each prefix as a separate entry'
  if (/\s/.test(entry)) return 'write it without white space'
  if (entry.startsWith('*')) return 'for every address write "0.0.0.0/0" and "::/0"'
  if (entry.includes('*')) return 'for a range write its prefix, such as "192.0.2.0/24"'
  if (entry.includes('%')) return `a prefix has no zone, write ${withoutZone(entry)}`
  if (/^[-+.\d]*$/.test(entry) && !/\d\.\d/.test(entry)) {
    return `a number is not an address, ${EXAMPLE}`
  }
  if (entry.startsWith('[')) return 'write it without brackets or port'
  if (/^\d+\.\d+\.\d+\.\d+:\d*$/.test(entry)) return 'write it without the port'
  if (/^(0x|[\d.])[\da-fx.]*(\/|$)/i.test(entry)) {
    return 'write four decimal numbers from 0 to 255 without leading zeros'
  }
  if (/^[\da-f.]*-/i.test(entry)) return 'write a range of addresses as its prefixes'
  if (/^[^:]*[g-z]/i.test(entry)) return `names are not looked up, ${EXAMPLE}`
  return EXAMPLE
}

/** What to write instead of an entry whose address is fine and whose length is not. */
export function adviseLength(entry: string, address: Address, bits: number): string {
  const slash = entry.indexOf('/')
  const written = entry.slice(slash + 1)
  const network = entry.slice(0, slash)
  if (written.includes(',')) return 'write each prefix as a separate entry'
  const trimmed = written.trim()
  if (trimmed !== written) return 'write it without white space'
  const mask = parseAddress(written)
  if (mask?.family === 4 && bits === 32) return adviseNetmask(network, mask.w3)
  if (address.family === 4 && bits === 128 && /^\d+$/.test(written) && Number(written) < 96) {
    const length = Number(written)
    const example = length > 32 ? `such as "${address.text}/24"` : `"${address.text}/${length}"`
    return `an IPv4-mapped prefix has 96 bits or more, write the IPv4 one, ${example}`
  }
  if (/^0+\d+$/.test(written) && Number(written) <= bits) {
    return `write "${network}/${Number(written)}"`
  }
  return `the length of an IPv${bits === 32 ? 4 : 6} prefix must be an integer from 0 to ${bits}`
}

function adviseNetmask(network: string, mask: number): string {
  const ones = Math.clz32(~mask)
  const netmask = ones === 32 ? mask === 0xffffffff : mask << ones === 0
  if (netmask) return `write the netmask as its length, "${network}/${ones}"`
  return `write the number of network bits, such as "${network}/24"`
}

function withoutZone(entry: string): string {
  const bare = entry.replace(/%.*$/s, '')
  const single = !entry.includes('/') && parseAddress(bare) !== undefined
  return single ? `"${bare}"` : 'it without the zone'
}
