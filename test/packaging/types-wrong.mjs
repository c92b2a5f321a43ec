// What "Are the types wrong?" finds in each tarball that is named. All in one process, as loading its
// compiler takes longer than looking at most packages.
import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'

const found = []
for (const tarball of process.argv.slice(2)) {
  const bytes = new Uint8Array(readFileSync(tarball))
  const result = await checkPackage(createPackageFromTarballData(bytes))
  const { packageName: name } = result
  if (result.types) {
    const entryPoints = Object.keys(result.entrypoints)
    found.push({ name, entryPoints, problems: result.problems })
  } else {
    found.push({ name, entryPoints: [], problems: ['it has no types'] })
  }
}
console.log(JSON.stringify(found))
