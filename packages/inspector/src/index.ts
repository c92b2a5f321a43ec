export type { AddressPrivacy, AddressSetting } from './address-mask.js'
export {
  INSPECTOR_ERROR_CODES,
  InspectorError,
  type InspectorErrorCode,
} from './inspector-error.js'
export type { InspectorOptions } from './options.js'
