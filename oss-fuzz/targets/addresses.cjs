module.exports = require('../target.cjs')('addresses')
