import { createHmac } from 'node:crypto'
import { type Address, Prefix, parseAddress, replaceAddresses } from '@truehop/ip'
import { PeriodKey } from './period-key.js'
import {
  type AddressForm,
  type PrivacyOptions,
  type PrivacySettings,
  readPrivacyOptions,
} from './privacy-options.js'

/** The one place where an address becomes text for a record. */
export interface AddressPrivacy {
  readonly form: AddressForm
  show(address: Address): string
  /** A peer in the form an identity has: address text, `'unix'` or undefined. */
  showText(text: string | undefined): string | undefined
  /** The text with every address in it replaced by what `show` returns. */
  redact(text: string): string
}

const KEPT_BITS = { 4: 24, 6: 48 } as const

/** @throws {LogError} for an unknown form, and for a key that is missing, too weak or unused. */
export function addressPrivacy(options: PrivacyOptions): AddressPrivacy {
  return privacyOf(readPrivacyOptions(options))
}

/** Like `addressPrivacy`, for options that have been read. */
export function privacyOf(settings: PrivacySettings): AddressPrivacy {
  const { form } = settings
  if (form === 'hmac') return hiding(form, keyed(new PeriodKey(settings.hmac)))
  if (form === 'truncated') return hiding(form, truncate)
  return { form, show: textOf, showText: (text) => text, redact: (text) => text }
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
