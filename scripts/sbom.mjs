// Writes sbom.cdx.json: every dependency of the lock file, as CycloneDX 1.6.
//
//   pnpm sbom [file]
//
// `scope` is `required` for what a published package needs at run time, `excluded` for what builds and
// tests it. The same lock file gives the same bytes: there is no time and no serial number in it.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installedLicences, lockedPackages, readJson } from './lock-file.mjs'
import { root } from './workspace.mjs'

/** A package URL, https://github.com/package-url/purl-spec: the `@` of a scope is escaped. */
const purl = ({ name, version }) => `pkg:npm/${name.replace('@', '%40')}@${version}`

/** Subresource integrity holds base64, CycloneDX hexadecimal. */
function hashes(integrity) {
  const [algorithm, digest] = integrity?.split(/-(.*)/s) ?? []
  if (algorithm !== 'sha512') return {}
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
}

function licences(licence) {
  if (licence === undefined || licence === 'unknown') return {}
  if (/ (OR|AND|WITH) /.test(licence)) return { licenses: [{ expression: licence }] }
  // What has blanks is a sentence and no identifier of SPDX.
  return { licenses: [{ license: licence.includes(' ') ? { name: licence } : { id: licence } }] }
}

export function sbom() {
  const packages = lockedPackages()
  const licenceOf = installedLicences()
  const references = new Map(packages.map((entry) => [entry.id, purl(entry)]))
  const { version } = readJson(join(root, 'packages/identity/package.json'))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'library', 'bom-ref': 'truehop', name: 'truehop', version } },
    components: packages.map((entry) => ({
      type: 'library',
      'bom-ref': purl(entry),
      name: entry.name,
      version: entry.version,
      purl: purl(entry),
      scope: entry.runTime ? 'required' : 'excluded',
      ...hashes(entry.integrity),
      ...licences(licenceOf.get(entry.id)),
    })),
    dependencies: packages.map(({ id, dependsOn }) => ({
      ref: references.get(id),
      dependsOn: [...dependsOn].map((need) => references.get(need)).sort(),
    })),
  }
}

if (import.meta.filename === process.argv[1]) {
  const path = process.argv[2] ?? join(root, 'sbom.cdx.json')
  const document = sbom()
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`)
  const required = document.components.filter(({ scope }) => scope === 'required').length
  console.log(`${path}: ${document.components.length} packages, ${required} of them at run time`)
}
