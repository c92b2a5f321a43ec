module.exports = require('../target.cjs')('ranges')
