/** `npm run playground`: installs, builds, and says where the page is. */
import './help.mjs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, root } from './workspace.mjs'

prepare()

const page = pathToFileURL(join(root, 'docs', 'playground', 'index.html'))
console.log(`\nThe playground, for a browser:\n${page}`)
