import { createHmac } from 'node:crypto'
import { type Address, parseAddress, replaceAddresses } from '@truehop/ip'
import { truncatedAddress, withoutPorts } from '@truehop/ip/internal'
import { PeriodKey } from './period-key.js'
import {
  type AddressForm,
  type KeepSettings,
  type PrivacyOptions,
  type PrivacySettings,
  readPrivacyOptions,
} from './privacy-options.js'

/** The one place where an address becomes text for a record. */
export interface AddressPrivacy {
  readonly form: AddressForm
  /**
   * The address as it is shown. `at`, in milliseconds since 1970, is when it was recorded, for
   * tokens of that period; now if left out.
   */
  show(address: Address, at?: number): string
  /**
   * A peer in the form an identity has: address text, `'unix'` or undefined. With `'none'` always
   * undefined.
   */
  showText(text: string | undefined): string | undefined
  /** The text with every address in it replaced by what `show` returns, and without their ports. */
  redact(text: string, at?: number): string
}

/** What is left of an address in a text, where addresses are left out. */
export const REDACTED = '[redacted]'

/**
 * @throws {LogError} for an unknown form, for a key that is missing, too weak or unused, and for
 *   bits that are out of range or unused.
 */
export function addressPrivacy(options: PrivacyOptions): AddressPrivacy {
  return privacyOf(readPrivacyOptions(options))
}

/** Like `addressPrivacy`, for options that have been read. */
export function privacyOf(settings: PrivacySettings): AddressPrivacy {
  const { form } = settings
  if (form === 'hmac') return hiding(form, keyed(new PeriodKey(settings.hmac)))
  if (form === 'truncated') return hiding(form, truncatedTo(settings.keep))
  if (form === 'none') return { ...hiding(form, () => REDACTED), showText: () => undefined }
  return { form, show: textOf, showText: (text) => text, redact: (text) => text }
}

function hiding(form: AddressForm, show: AddressPrivacy['show']): AddressPrivacy {
  return {
    form,
    show,
    showText(text) {
      const address = text === undefined ? undefined : parseAddress(text)
      return address === undefined ? text : show(address)
    },
    redact: (text, at) => replaceAddresses(withoutPorts(text), (address) => show(address, at)),
  }
}

function textOf(address: Address): string {
  return address.text
}

function truncatedTo(keep: KeepSettings): (address: Address) => string {
  return (address) => truncatedAddress(address, keep).address.text
}

/** 128 bits of HMAC-SHA-256 over the 4 or 16 bytes of the address. */
function keyed(key: PeriodKey): AddressPrivacy['show'] {
  return (address, at = Date.now()) => {
    const mac = createHmac('sha256', key.at(at)).update(address.bytes())
    return `hmac-${mac.digest('hex').slice(0, 32)}`
  }
}
