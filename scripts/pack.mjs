/**
 * `npm run pack`: makes the tarballs of all packages that are published, in `tarballs/`, and prints the
 * commands that install them. All of them, as they name each other by versions that no registry has.
 */
import './help.mjs'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, root, step } from './workspace.mjs'

prepare()

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const [pnpm] = packageManager.split('+')
const folder = join(root, 'tarballs')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const filters = readdirSync(join(root, 'packages'))
  .map((name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')))
  .filter((manifest) => manifest.private !== true)
  .flatMap(({ name }) => ['--filter', name])
step(
  'pack',
  'npx',
  ['--yes', pnpm, '--recursive', ...filters, 'pack', '--pack-destination', folder],
  { shell: process.platform === 'win32' },
)

const all = join(folder, '*.tgz')
console.log(`\nIn your project:\n\n  npm install ${all}`)
// Beside each other, and not one within the other: what the command line brings is not found from there.
console.log(`\nThe command line in every folder:\n\n  npm install --global yaml ${all}`)
