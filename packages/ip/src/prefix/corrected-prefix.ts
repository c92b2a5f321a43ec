import { parseAddress } from '../address/parse-address.js'
import { parsePrefix } from './prefix.js'
import { PrefixError } from './prefix-error.js'

/**
 * The prefix that an invalid entry can only mean: without its white space, with the length of its
 * netmask, without leading zeros of the length. Undefined where anything would have to be guessed.
 */
export function correctedPrefix(entry: string): string | undefined {
  const [network = '', length, ...more] = entry.split('/').map((part) => part.trim())
  if (more.length > 0 || network.includes('%')) return undefined
  const corrected = length === undefined ? network : `${network}/${lengthOf(network, length)}`
  return corrected !== entry && isPrefix(corrected) ? corrected : undefined
}

function lengthOf(network: string, length: string): string {
  if (/^0+\d+$/.test(length)) return String(Number(length))
  const mask = parseAddress(length)
  if (mask?.family !== 4 || parseAddress(network)?.family !== 4) return length
  const ones = Math.clz32(~mask.w3)
  const isNetmask = ones === 32 || mask.w3 << ones === 0
  return isNetmask && !network.includes(':') ? String(ones) : length
}

function isPrefix(text: string): boolean {
  try {
    parsePrefix(text)
    return true
  } catch (error) {
    if (error instanceof PrefixError) return false
    throw error
  }
}
