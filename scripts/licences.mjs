// Lists the licences of all installed dependencies, and fails where one may not be used.
//
//   npm run licences                print what is installed with the packages, and the rest by licence
//   npm run licences -- --write     write docs/licences.md

import './help.mjs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pnpmOutput, AT_RUN_TIME as RUN_TIME_ONLY } from './pnpm.mjs'
import { root } from './workspace.mjs'

/** For what is installed with the packages: asks for no more than a notice. */
const AT_RUN_TIME = ['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0']
/** For tools that are used and not passed on. */
const FOR_DEVELOPMENT = [
  ...AT_RUN_TIME,
  'BlueOak-1.0.0',
  'CC0-1.0',
  'CC-BY-4.0',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
]

/** Manifests that name no licence: what the licence file beside them says. */
const READ_BY_US = new Map([['spawndamnit', 'MIT']])

/** An expression is fine where one of its alternatives is. */
export function isAllowed(licence, runTime) {
  const allowed = runTime ? AT_RUN_TIME : FOR_DEVELOPMENT
  return licence
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some((one) => one.split(' AND ').every((part) => allowed.includes(part)))
}

/** Every installed dependency with its licence, sorted, and whether a published package needs it. */
export function licencesOfPackages() {
  const needed = new Set(installed(...RUN_TIME_ONLY).map(keyOf))
  return installed()
    .map((entry) => ({ ...entry, runTime: needed.has(keyOf(entry)) }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = ({ name, version }) => `${name}@${version}`

function installed(...options) {
  const byLicence = JSON.parse(pnpmOutput('licenses', 'list', '--json', '-r', ...options))
  return Object.entries(byLicence).flatMap(([licence, packages]) =>
    packages.flatMap(({ name, versions }) =>
      versions.map((version) => ({ name, version, licence: READ_BY_US.get(name) ?? licence })),
    ),
  )
}

export function licencesPage(packages = licencesOfPackages()) {
  const rows = packages
    .filter(({ runTime }) => runTime)
    .map(({ name, version, licence }) => `| \`${name}\` | ${version} | ${licence} |`)
  return [
    '# Licences',
    '',
    'What is installed with the packages beside themselves, which are under MIT. Written by',
    '`npm run licences -- --write`; tools for development are listed by `npm run licences`.',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

if (import.meta.filename === process.argv[1]) {
  const packages = licencesOfPackages()
  if (process.argv.includes('--write')) {
    writeFileSync(join(root, 'docs/licences.md'), licencesPage(packages))
  }
  console.log(licencesPage(packages))
  const counts = new Map()
  for (const { licence } of packages.filter(({ runTime }) => !runTime)) {
    counts.set(licence, (counts.get(licence) ?? 0) + 1)
  }
  console.log('For development:')
  for (const [licence, count] of counts) console.log(`${String(count).padStart(5)} ${licence}`)
  const refused = packages.filter(({ licence, runTime }) => !isAllowed(licence, runTime))
  for (const { name, version, licence } of refused) {
    console.error(`${name} ${version}: ${licence} is not on the list of scripts/licences.mjs`)
  }
  process.exitCode = refused.length > 0 ? 1 : 0
}
