import { type Address, Prefix, replaceAddresses } from '@truehop/ip'

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

/** As the access log truncates. */
const KEPT_BITS = { 4: 24, 6: 48 } as const

/**
 * Behind a carrier's NAT, port and time identify one subscriber: no form but the full one shows the
 * port.
 */
const PORT = /((?:\d{1,3}\.){3}\d{1,3}|\]):\d{1,5}(?!\d)/g

export function maskFor(setting: AddressSetting): Mask {
  if (formOf(setting) === 'full') return UNMASKED
  const redact =
    typeof setting === 'string'
      ? (text: string) => replaceAddresses(text, truncated)
      : (text: string) => setting.redact(text)
  return (text) => redact(text.replace(PORT, '$1'))
}

/** The same for one client network, `2001:db8:1:2::/64` or an address: what is shown is one again. */
export function networkMaskFor(setting: AddressSetting): Mask {
  const mask = maskFor(setting)
  if (formOf(setting) !== 'truncated') return mask
  return (network) => {
    const shown = mask(network.replace(/\/\d+$/, ''))
    return `${shown}/${KEPT_BITS[shown.includes(':') ? 6 : 4]}`
  }
}

export function formOf(setting: AddressSetting): string {
  return typeof setting === 'string' ? setting : setting.form
}

function truncated(address: Address): string {
  return Prefix.of(address, KEPT_BITS[address.family]).address.text
}
