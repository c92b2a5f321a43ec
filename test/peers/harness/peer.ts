import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'

interface Peer {
  readonly packages: readonly string[]
  readonly command: string
  readonly file?: string
}

const peers: Readonly<Record<string, Peer>> = JSON.parse(
  readFileSync(new URL('../peers.json', import.meta.url), 'utf8'),
)

/** Where packages are that are unpacked and not installed, by scripts/peers.mjs. */
const UNPACKED = fileURLToPath(
  new URL('../../../node_modules/.cache/truehop-peers', import.meta.url),
)

/** Debian keeps servers in /usr/sbin, which is not on everyone's PATH. */
const folders = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  join(UNPACKED, 'usr/bin'),
]

/** Where the program of a peer is, or undefined when it, or a file that comes with it, is missing. */
export function findPeer(name: string): string | undefined {
  const { command, file } = entry(name)
  if (file !== undefined && !existsSync(file)) return undefined
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path))
}

/** The packages of Debian that a peer comes in. */
export const packagesOf = (name: string): readonly string[] => entry(name).packages

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
  const absent = names.filter((name) => findPeer(name) === undefined)
  if (absent.length === 0) {
    describe(title, suite)
    return
  }
  const reason = absent.map(missing).join('; ')
  describe(title, () => {
    test(reason, ({ skip }) => {
      if (process.env['CI'] === 'true') throw new Error(reason)
      skip(reason)
    })
  })
}

function entry(name: string): Peer {
  const peer = peers[name]
  if (peer === undefined) throw new Error(`test/peers/peers.json has no ${name}`)
  return peer
}

function missing(name: string): string {
  return `${name} is missing: apt-get install ${entry(name).packages.join(' ')}`
}
