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
export class EncodeError extends Error {
  readonly code: EncodeErrorCode

  constructor(code: EncodeErrorCode, message: string) {
    super(message)
    this.name = 'EncodeError'
    this.code = code
  }
}
