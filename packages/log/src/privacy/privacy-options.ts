import { TRUNCATED_BITS } from '@truehop/ip/internal'
import {
  custom,
  type FieldsOf,
  integer,
  object,
  oneOf,
  type Report,
  readOptions,
  show,
  type Values,
} from '@truehop/options'
import { LogError, refusal } from '../log-error.js'

/** What a record shows of an address. */
export type AddressForm = 'full' | 'truncated' | 'hmac' | 'none'

/** How many leading bits of an address `'truncated'` keeps. */
export interface KeptBits {
  /** 1 to 31. Default 24. */
  readonly ipv4?: number | undefined
  /** 1 to 127. Default 48. */
  readonly ipv6?: number | undefined
}

/** How addresses become tokens. */
export interface HmacOptions {
  /**
   * At least 16 bytes, as bytes or as a string (then its UTF-8 bytes count); best 32 random bytes
   * from a secret store. Processes with the same key and period write the same tokens.
   *
   * `'ephemeral'`: a new random key for each period, kept in this process's memory and forgotten
   * after it. Nobody can recompute such tokens later, and no two processes or periods agree.
   */
  readonly key: string | Uint8Array | 'ephemeral'
  /** Seconds a token stays the same, 60 to 31,622,400 (366 days). Default 86,400, UTC days. */
  readonly period?: number | undefined
}

export interface PrivacyOptions {
  /**
   * - `'full'` (default): the address.
   * - `'truncated'`: IPv4 cut to /24, IPv6 to /48, or to what `keep` says, the rest zeros. At most
   *   256 IPv4 addresses share a /24, and an IPv6 /48 is often one customer: less precise, not
   *   anonymous.
   * - `'hmac'`: `hmac-` and 32 hexadecimal digits, the same for the same address within a period.
   *   Anyone with the key can recompute all of IPv4: a pseudonym, not anonymous either.
   * - `'none'`: fields of addresses are left out; in other text an address is `[redacted]`.
   */
  readonly address?: AddressForm | undefined
  /** The bits that `address: 'truncated'` keeps; only with it. */
  readonly keep?: KeptBits | undefined
  /** Needed for, and only for, `address: 'hmac'`. */
  readonly hmac?: HmacOptions | undefined
}

const EXAMPLE =
  "write hmac: { key: process.env.LOG_KEY } with the output of `openssl rand -base64 32` in it, or hmac: { key: 'ephemeral' }"

export const ADDRESS_FORMS = ['full', 'truncated', 'hmac', 'none'] as const satisfies AddressForm[]

const KEEP_OPTIONS = {
  ipv4: integer({
    says: 'Of an IPv4 address.',
    unit: 'bits',
    least: 1,
    most: 31,
    default: TRUNCATED_BITS.ipv4,
  }),
  ipv6: integer({
    says: 'Of an IPv6 address.',
    unit: 'bits',
    least: 1,
    most: 127,
    default: TRUNCATED_BITS.ipv6,
  }),
} satisfies FieldsOf<KeptBits>

export type KeepSettings = Values<typeof KEEP_OPTIONS>

const HMAC_OPTIONS = {
  key: custom<Uint8Array | 'ephemeral'>(
    readKey,
    "16 bytes or more, as a string or bytes, or `'ephemeral'`",
    undefined,
  )({
    says: 'What tokens are made with. `ephemeral`: a random key for each period, which is not kept.',
    required: true,
    code: 'missing-key',
    hint: EXAMPLE,
  }),
  period: integer({
    says: 'How long a token stays the same; by default one UTC day.',
    unit: 'seconds',
    least: 60,
    most: 31_622_400,
    default: 86_400,
  }),
} satisfies FieldsOf<HmacOptions>

export type HmacSettings = Values<typeof HMAC_OPTIONS>

/** What each option takes; the check, its message and the documentation come from here. */
export const PRIVACY_OPTIONS = {
  address: oneOf(ADDRESS_FORMS, {
    says: 'How addresses are shown.',
    default: 'full',
    see: 'logging.md#privacy',
  }),
  keep: object(KEEP_OPTIONS, {
    says: "The leading bits that `address: 'truncated'` keeps; only with it.",
    hint: 'write keep: { ipv4: 16, ipv6: 32 }',
  }),
  hmac: object(HMAC_OPTIONS, {
    says: "Needed for, and only for, `address: 'hmac'`.",
    hint: EXAMPLE,
  }),
} satisfies FieldsOf<PrivacyOptions>

type PrivacyValues = Values<typeof PRIVACY_OPTIONS>

/** A form of addresses, with what it needs. */
export type PrivacySettings =
  | { readonly form: 'full' | 'none' }
  | { readonly form: 'truncated'; readonly keep: KeepSettings }
  | { readonly form: 'hmac'; readonly hmac: HmacSettings }

/** @throws {LogError} for anything that would have to be guessed. */
export function readPrivacyOptions(options: PrivacyOptions): PrivacySettings {
  return privacySettings(readOptions(PRIVACY_OPTIONS, options, refusal))
}

/** @throws {LogError} for a key that is missing, and for what has no effect on the form. */
export function privacySettings({ address: form, keep, hmac }: PrivacyValues): PrivacySettings {
  if (keep !== undefined && form !== 'truncated') throw withoutEffect('keep', form, 'truncated')
  if (hmac !== undefined && form !== 'hmac') throw withoutEffect('hmac', form, 'hmac')
  if (form === 'truncated') return { form, keep: keep ?? TRUNCATED_BITS }
  if (form !== 'hmac') return { form }
  if (hmac !== undefined) return { form, hmac }
  throw new LogError('missing-key', 'hmac.key', `is missing; ${EXAMPLE}`)
}

function withoutEffect(option: string, form: AddressForm, needed: AddressForm): LogError {
  return new LogError(
    'bad-option',
    option,
    `has no effect with address: '${form}'; write address: '${needed}' or leave ${option} out`,
  )
}

const LEAST_BYTES = 16

function readKey(value: unknown, path: string, report: Report): Uint8Array | 'ephemeral' {
  if (value === 'ephemeral') return value
  const refuse = (code: string, what: string): 'ephemeral' => {
    report({ path, code, message: `${what}; ${EXAMPLE}` })
    return 'ephemeral'
  }
  // As from an unset variable.
  if (value === '') return refuse('missing-key', 'is empty')
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  if (!(bytes instanceof Uint8Array)) {
    return refuse('bad-option', `must be a string or bytes, got ${show(value)}`)
  }
  if (bytes.length < LEAST_BYTES) {
    return refuse('weak-key', `must be at least ${LEAST_BYTES} bytes, got ${bytes.length}`)
  }
  // A placeholder such as sixteen zeros is what an attacker tries first.
  if (new Set(bytes).size < 4) {
    return refuse('weak-key', 'must be random, got fewer than four different bytes')
  }
  return Uint8Array.from(bytes)
}
