/** `node oss-fuzz/write-seeds.mjs FOLDER`: the inputs that each target begins with, a file each, in a folder of its name. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { targets } from '../test/fuzz/dist/test/fuzz/targets.js'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('name a folder')
for (const target of targets) {
  mkdirSync(join(folder, target.name), { recursive: true })
  for (const [index, seed] of target.seeds().entries()) {
    writeFileSync(join(folder, target.name, `${index}`), seed)
  }
}
