export {
  INSPECTOR_ERROR_CODES,
  InspectorError,
  type InspectorErrorCode,
} from './inspector-error.js'
export type { InspectorOptions } from './options.js'
export type { AddressPrivacy, AddressSetting } from './view/address-mask.js'
