import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'vitest'
import { cacheFolder } from './folder.js'

interface Peer {
  readonly packages: readonly string[]
  readonly command: string
  readonly file?: string
  /** Not installed: scripts/unpack-peers.mjs brings it, where it is another Debian's, of that release. */
  readonly unpack?: { readonly release?: string }
}

const peers: Readonly<Record<string, Peer>> = JSON.parse(
  readFileSync(new URL('../peers.json', import.meta.url), 'utf8'),
)

/** Debian keeps servers in /usr/sbin, which is not on everyone's PATH. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** Where the program of a peer is, or undefined when it, or a file that comes with it, is missing. */
export function findPeer(name: string): string | undefined {
  const { command, file, unpack } = entry(name)
  if (unpack !== undefined) return unpacked(name)
  if (file !== undefined && !existsSync(file)) return undefined
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path))
}

function unpacked(name: string): string | undefined {
  const path = join(cacheFolder('peers'), name, 'run')
  return existsSync(path) ? path : undefined
}

/** The packages of Debian that a peer comes in, with the release where it is not the machine's. */
export function packagesOf(name: string): readonly string[] {
  const { packages, unpack } = entry(name)
  const release = unpack?.release
  return packages.map((one) => (release === undefined ? one : `${one} (${release})`))
}

/** The path of a peer's program. Throws, with the packages to install, when it is missing. */
export function peerPath(name: string): string {
  const path = findPeer(name)
  if (path === undefined) throw new Error(missing(name))
  return path
}

/**
 * A suite that needs programs of others. Where one is missing the suite is one skipped test whose
 * name says what to install; with `CI=true` it is a failed one.
 */
export function describeWithPeers(
  names: readonly string[],
  title: string,
  suite: () => void,
): void {
  if (isPresent(names, title)) describe(title, suite)
}

/** The same for one whose tests wait more than they work, and have nothing in common: they run at once. */
export function describeAtOnceWithPeers(
  names: readonly string[],
  title: string,
  suite: () => void,
): void {
  if (isPresent(names, title)) describe.concurrent(title, suite)
}

/** Whether all are there; if not, the suite is a test that says what is missing. */
function isPresent(names: readonly string[], title: string): boolean {
  const absent = names.filter((name) => findPeer(name) === undefined)
  if (absent.length === 0) return true
  const reason = absent.map(missing).join('; ')
  describe(title, () => {
    test(reason, ({ skip }) => {
      if (process.env['CI'] === 'true') throw new Error(reason)
      skip(reason)
    })
  })
  return false
}

function entry(name: string): Peer {
  const peer = peers[name]
  if (peer === undefined) throw new Error(`test/peers/peers.json has no ${name}`)
  return peer
}

function missing(name: string): string {
  const { packages, unpack } = entry(name)
  const how = unpack === undefined ? 'apt-get install' : '`npm run interop`, as root, unpacks'
  return `${name} is missing: ${how} ${packages.join(' ')}`
}
