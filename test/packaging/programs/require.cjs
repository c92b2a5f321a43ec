const { runAll } = require('./programs.cjs')

runAll(async (specifier) => require(specifier))
