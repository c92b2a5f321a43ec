/**
 * Draws the pictures of the documentation, and writes the walks on its pages, from what `explain`
 * says about each chain: `node examples/dist/diagrams/main.js`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CHAINS } from './chains.js'
import { pagesWithWalks, withWalks } from './page.js'
import { pictureOf } from './picture.js'

const docs = fileURLToPath(new URL('../../../docs', import.meta.url))

for (const chain of CHAINS) {
  writeFileSync(join(docs, 'images', `${chain.name}.svg`), pictureOf(chain))
}
for (const name of pagesWithWalks(docs)) {
  const page = join(docs, name)
  writeFileSync(page, withWalks(readFileSync(page, 'utf8'), CHAINS))
}
