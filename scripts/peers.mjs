/**
 * The programs of others that the suites talk to (test/peers/peers.json). As root on a machine with
 * apt the missing ones are installed, or unpacked where they cannot be; elsewhere a message says what
 * to install, and the suites that need them show as skipped, or fail with CI=true.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { unpackedProgram, unpackPeer } from './unpack-peers.mjs'
import { root, run } from './workspace.mjs'

const entries = Object.entries(
  JSON.parse(readFileSync(join(root, 'test/peers/peers.json'), 'utf8')),
)
const peers = entries.map(([, peer]) => peer).filter(({ unpack }) => unpack === undefined)

/** Debian keeps servers in /usr/sbin, which is not on everyone's PATH. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/**
 * Installs what is missing where it can; returns what to tell about the rest, if there is any.
 * `otherReleases` brings what only the long run of test/interop talks to.
 */
export function providePeers({ otherReleases = false } = {}) {
  if (canInstall()) {
    if (missingPackages().length > 0) install(missingPackages())
    for (const [name, peer] of missingUnpacked(otherReleases)) unpackPeer(name, peer)
  }
  const unpacked = missingUnpacked(otherReleases).flatMap(([, peer]) => peer.packages)
  const missing = [...missingPackages(), ...unpacked]
  if (missing.length === 0) return undefined
  const effect = process.env.CI === 'true' ? 'fail, because CI=true' : 'are skipped'
  return `Not installed: ${missing.join(', ')}. The suites against these programs ${effect}.
On Debian or Ubuntu: sudo apt-get install ${missing.join(' ')}`
}

function missingPackages() {
  return peers.filter((peer) => !installed(peer)).flatMap((peer) => peer.packages)
}

function missingUnpacked(otherReleases) {
  return entries.filter(([name, { unpack }]) => {
    if (unpack === undefined || existsSync(unpackedProgram(name))) return false
    return otherReleases || unpack.release === undefined
  })
}

function installed({ command, file }) {
  if (file !== undefined && !existsSync(file)) return false
  return folders.some((folder) => existsSync(join(folder, command)))
}

function canInstall() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
}

function install(packages) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  console.log(`\n▸ apt-get install ${packages.join(' ')}`)
  withoutStartingServices(() => {
    run('apt-get', [...QUIET, 'update'], options)
    answerQuestions(packages)
    const install = ['install', '--yes', '--no-install-recommends', ...packages]
    run('apt-get', [...QUIET, ...install], options)
  })
}

/** What packages would ask whoever installs them: Postfix makes itself the mail server, unless told not to. */
function answerQuestions(packages) {
  const asking = peers.filter((peer) => packages.some((name) => peer.packages.includes(name)))
  const input = asking.flatMap(({ debconf = [] }) => debconf).join('\n')
  if (input !== '') spawnSync('debconf-set-selections', { input, encoding: 'utf8' })
}

/** Warnings and errors only. */
const QUIET = ['-qq', '-o', 'Dpkg::Use-Pty=0']

/** Packages of servers start them after the installation, unless this file of Debian's policy says no. */
function withoutStartingServices(action) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return action()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    action()
  } finally {
    rmSync(policy, { force: true })
  }
}
