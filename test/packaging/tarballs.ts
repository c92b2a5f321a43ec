import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { output, root } from './command.js'

interface PackageManifest {
  readonly name: string
  readonly private?: boolean
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
}

const manifests: readonly PackageManifest[] = readdirSync(join(root, 'packages'))
  .sort()
  .map((folder): PackageManifest => readJson(`packages/${folder}/package.json`))
  .filter((manifest) => manifest.private !== true)

export const names: readonly string[] = manifests.map(({ name }) => name)

/** Every entry point of every package that is code: `@truehop/ip`, `@truehop/log/fastify` … */
export const entryPoints: readonly string[] = names.flatMap(entryPointsOf)

export function entryPointsOf(name: string): string[] {
  const paths = Object.keys(manifests.find((manifest) => manifest.name === name)?.exports ?? {})
  return paths.filter((path) => !path.endsWith('.json')).map((path) => name + path.slice(1))
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

/** Packs every package into the folder, as publishing would, and returns the file names by package. */
export async function packAll(folder: string): Promise<Readonly<Record<string, string>>> {
  const { packageManager } = readJson<{ packageManager: string }>('package.json')
  const [pnpm = 'pnpm'] = packageManager.split('+')
  const filters = names.flatMap((name) => ['--filter', name])
  const pack = ['--recursive', ...filters, 'pack', '--pack-destination', folder]
  await output('npx', ['--yes', pnpm, ...pack])
  return Object.fromEntries(
    manifests.map(({ name, version }) => [name, join(folder, tarballName(name, version))]),
  )
}

/** The paths in a tarball, each below `package/`. */
export async function filesIn(tarball: string): Promise<string[]> {
  return (await output('tar', ['-tzf', tarball])).trim().split('\n')
}

const tarballName = (name: string, version: string): string =>
  basename(`${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
