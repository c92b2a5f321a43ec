/**
 * A target of `test/fuzz` as Jazzer.js calls it: with bytes, once for each input. From what
 * `npm run fuzz:build` wrote.
 */
const { join } = require('node:path')

// The seeds of a target are files of the repository.
process.chdir(join(__dirname, '..'))
const loaded = import('../test/fuzz/dist/test/fuzz/targets.js')

/** @param {string} name */
module.exports = (name) => ({
  /** @param {Uint8Array} data */
  async fuzz(data) {
    const { targets } = await loaded
    const target = targets.find((one) => one.name === name)
    if (target === undefined) throw new Error(`no fuzz target is called ${name}`)
    await target.check(data)
  },
})
