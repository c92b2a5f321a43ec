module.exports = require('../target.cjs')('forwarded')
