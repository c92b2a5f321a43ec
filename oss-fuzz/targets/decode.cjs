module.exports = require('../target.cjs')('decode')
