module.exports = require('../target.cjs')('policy')
