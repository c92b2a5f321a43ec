module.exports = require('../target.cjs')('audit')
