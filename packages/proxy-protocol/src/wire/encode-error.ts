import { TruehopError } from '@truehop/ip'

/** Why a header cannot be written. Each has a heading in docs/errors.md. */
export type EncodeErrorCode =
  | 'header-field'
  | 'v1-command'
  | 'v1-family'
  | 'v1-transport'
  | 'v1-tlvs'
  | 'endpoint-missing'
  | 'endpoint-unexpected'
  | 'address-text'
  | 'address-family'
  | 'port-range'
  | 'unix-path'
  | 'tlv-value'
  | 'tlv-position'
  | 'header-length'

/** The specification has no form for this header; the message says what to write instead. */
export class EncodeError extends TruehopError {
  override readonly name = 'EncodeError'
  readonly code: EncodeErrorCode

  /** `path`: the part of the header at fault, such as `tlvs[1]`; empty if it is the whole. */
  constructor(code: EncodeErrorCode, message: string, path = '') {
    super(message, path)
    this.code = code
  }
}
