// Node's own runner has no global `test`.
globalThis.test = require('node:test').test
require('./client.test.cjs')
