import { Prefix, PrefixError, parsePrefix, replaceAddresses } from '@truehop/ip'
import { truncatedAddress, withoutPorts } from '@truehop/ip/internal'

/**
 * How addresses are shown: what `addressPrivacy()` of @truehop/log returns, or anything like it.
 */
export interface AddressPrivacy {
  /** `hmac`, for the page to name. */
  readonly form: string
  /** A text with every address in it replaced. */
  redact(text: string): string
}

export type AddressSetting = 'full' | 'truncated' | AddressPrivacy

/** Shows a text with every address in it as the privacy setting says. */
export type Mask = (text: string) => string

export const UNMASKED: Mask = (text) => text

/** No form but the full one shows a port. */
export function maskFor(setting: AddressSetting): Mask {
  if (formOf(setting) === 'full') return UNMASKED
  const redact =
    typeof setting === 'string'
      ? (text: string) =>
          replaceAddresses(text, (address) => truncatedAddress(address).address.text)
      : (text: string) => setting.redact(text)
  return (text) => redact(withoutPorts(text))
}

/** The same for one network, `2001:db8:1:2::/64` or an address: what is shown is one again. */
export function networkMaskFor(setting: AddressSetting): Mask {
  const mask = maskFor(setting)
  return setting === 'truncated' ? (network) => truncatedNetwork(network) ?? mask(network) : mask
}

/** Undefined for anything else. A network that is wider than what is kept stays as it is. */
function truncatedNetwork(network: string): string | undefined {
  try {
    const { address, length } = parsePrefix(network)
    const kept = truncatedAddress(address)
    return (kept.length < length ? kept : Prefix.of(address, length)).text
  } catch (error) {
    if (error instanceof PrefixError) return undefined
    throw error
  }
}

export function formOf(setting: AddressSetting): string {
  return typeof setting === 'string' ? setting : setting.form
}
