import { type Address, Prefix, replaceAddresses } from '@truehop/ip'

/** Shows a text with every address in it as the privacy setting says. */
export type Mask = (text: string) => string

export const UNMASKED: Mask = (text) => text

/** As the access log truncates. */
const KEPT_BITS = { 4: 24, 6: 48 } as const

export function maskFor(form: 'full' | 'truncated'): Mask {
  return form === 'full' ? UNMASKED : (text) => replaceAddresses(text, truncated)
}

function truncated(address: Address): string {
  return Prefix.of(address, KEPT_BITS[address.family]).address.text
}
