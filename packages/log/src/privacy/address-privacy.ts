import { createHmac } from 'node:crypto'
import { type Address, Prefix, parseAddress, replaceAddresses } from '@truehop/ip'
import { LogError, requireOneOf } from '../log-error.js'
import { type HmacOptions, PeriodKey } from './period-key.js'

/** What a record shows of an address. */
export type AddressForm = 'full' | 'truncated' | 'hmac'

export interface PrivacyOptions {
  /**
   * - `'full'` (default): the address.
   * - `'truncated'`: IPv4 cut to /24, IPv6 to /48, the rest zeros. At most 256 IPv4 addresses share
   *   one form, and an IPv6 /48 is often one customer: less precise, not anonymous.
   * - `'hmac'`: `hmac-` and 32 hexadecimal digits, the same for the same address within a period.
   *   Whoever holds the key can recompute all of IPv4: a pseudonym, not anonymous either.
   */
  readonly address?: AddressForm
  /** Needed for, and only for, `address: 'hmac'`. */
  readonly hmac?: HmacOptions
}

/** The one place where an address becomes text for a record. */
export interface AddressPrivacy {
  readonly form: AddressForm
  show(address: Address): string
  /** A peer as an identity has it: address text, `'unix'`, undefined. */
  showText(text: string | undefined): string | undefined
  /** A text with every address in it replaced by what `show` gives. */
  redact(text: string): string
}

const KEPT_BITS = { 4: 24, 6: 48 } as const

/** Throws `LogError` for an unknown form, and for a key that is missing, too weak or of no use. */
export function addressPrivacy(options: PrivacyOptions): AddressPrivacy {
  const { address: form = 'full' } = options
  requireOneOf('address', form, ['full', 'truncated', 'hmac'])
  if (form !== 'hmac' && options.hmac !== undefined) {
    throw new LogError(
      'bad-option',
      'hmac',
      `of no use with address: '${form}'; write address: 'hmac' or leave hmac out`,
    )
  }
  if (form === 'full')
    return { form, show: textOf, showText: (text) => text, redact: (text) => text }
  if (form === 'truncated') return hiding(form, truncate)
  return hiding(form, keyed(new PeriodKey(options.hmac ?? { key: '' })))
}

function hiding(form: AddressForm, show: (address: Address) => string): AddressPrivacy {
  return {
    form,
    show,
    showText(text) {
      const address = text === undefined ? undefined : parseAddress(text)
      return address === undefined ? text : show(address)
    },
    redact: (text) => replaceAddresses(text, show),
  }
}

function textOf(address: Address): string {
  return address.text
}

function truncate(address: Address): string {
  return Prefix.of(address, KEPT_BITS[address.family]).address.text
}

/** 128 bits of HMAC-SHA-256 over the 4 or 16 bytes of the address. */
function keyed(key: PeriodKey): (address: Address) => string {
  return (address) => {
    const mac = createHmac('sha256', key.at(Date.now())).update(address.bytes())
    return `hmac-${mac.digest('hex').slice(0, 32)}`
  }
}
