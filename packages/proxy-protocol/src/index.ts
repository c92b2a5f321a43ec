export { encode } from './encode.js'
export * from './receive/index.js'
export * from './send/index.js'
export * from './wire/index.js'
