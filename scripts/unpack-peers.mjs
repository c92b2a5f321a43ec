/**
 * Programs that cannot be installed: one that excludes another that the suites need, one that does more
 * than wanted when it is installed (that of CrowdSec registers the machine), or one of another Debian
 * release. Their packages are unpacked beside the workspace and nothing of the system changes:
 * neither its packages nor where it gets them from.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './workspace.mjs'

/** Where test/peers/harness/peer.ts looks for them. */
const cache = join(root, 'node_modules/.cache/truehop/peers')

/** Starts the program of an unpacked peer. */
export const unpackedProgram = (name) => join(cache, name, 'run')

/** Unpacks a peer; says on standard error what did not work. */
export function unpackPeer(name, { packages, command, unpack }) {
  const work = mkdtempSync(join(tmpdir(), 'truehop-unpack-'))
  try {
    const apt = unpack.release === undefined ? [] : ofRelease(unpack.release, work)
    const files = download([...packages, ...unpack.libraries], apt, work)
    const folder = `${join(cache, name)}.new`
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const file of files) must('dpkg', ['-x', join(work, file), folder])
    writeFileSync(join(folder, 'run'), starter(folder, command, unpack), { mode: 0o755 })
    rmSync(join(cache, name), { recursive: true, force: true })
    renameSync(folder, join(cache, name))
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const QUIET = ['-qq', '-o', 'APT::Sandbox::User=root']

function download(packages, apt, work) {
  console.log(`\n▸ apt-get download ${packages.join(' ')}`)
  must('apt-get', [...QUIET, ...apt, 'download', ...packages], { cwd: work })
  return readdirSync(work).filter((file) => file.endsWith('.deb'))
}

/** Options that make apt look at that release alone, from where the machine gets its own. */
function ofRelease(release, work) {
  const folder = (name) => {
    mkdirSync(join(work, name, 'partial'), { recursive: true })
    return join(work, name)
  }
  const { kind, text } = sourceOf(release)
  writeFileSync(join(folder('sources'), `release.${kind}`), text)
  const options = [
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${join(work, 'sources')}`,
    `Dir::State::Lists=${folder('lists')}`,
    `Dir::Cache=${folder('cache')}`,
    'Dir::State::status=/dev/null',
  ].flatMap((option) => ['-o', option])
  must('apt-get', [...QUIET, ...options, 'update'])
  return options
}

/** The entry of this machine's own release, with the name of the other in its place. */
function sourceOf(release) {
  const [, own] = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? []
  const suites = new RegExp(`^Suites:.*\\b${own}(?:[ \\t].*)?$`, 'm')
  const line = new RegExp(`^(deb .*)\\b${own} (.*)$`, 'm')
  for (const path of sourceFiles()) {
    const text = readFileSync(path, 'utf8')
    const entry = text.split(/\n\s*\n/).find((part) => suites.test(part))
    if (path.endsWith('.sources') && entry !== undefined) {
      return { kind: 'sources', text: entry.replace(suites, `Suites: ${release}`) }
    }
    const [, before, after] = line.exec(text) ?? []
    if (path.endsWith('.list') && before !== undefined) {
      return { kind: 'list', text: `${before}${release} ${after}\n` }
    }
  }
  throw new Error(`no source of packages for ${own} to take the place of ${release} from`)
}

function sourceFiles() {
  const folder = '/etc/apt/sources.list.d'
  const parts = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  return ['/etc/apt/sources.list', ...parts].filter((path) => existsSync(path))
}

/** A script that runs the program with the libraries that came with it. */
function starter(folder, command, { release, user }) {
  const libraries = join(folder, 'usr/lib')
  const [machine = ''] = readdirSync(libraries).filter((entry) => entry.endsWith('-linux-gnu'))
  const loader = readdirSync(join(libraries, machine)).find((entry) => entry.startsWith('ld-linux'))
  const path = `"$here/usr/lib/${machine}:$here/usr/lib"`
  // The C library of another release needs the loader that belongs to it.
  const run =
    release === undefined || loader === undefined
      ? `LD_LIBRARY_PATH=${path} exec "$here/${command}" "$@"`
      : `exec "$here/usr/lib/${machine}/${loader}" --library-path ${path} "$here/${command}" "$@"`
  const lines = user === undefined ? [] : [withUser(user, folder)]
  return ['#!/bin/sh', 'here=$(cd "$(dirname "$0")" && pwd)', ...lines, run, ''].join('\n')
}

/** A user that the package would have made, known to this program alone (libnss-wrapper). */
function withUser(user, folder) {
  const add = (name, entry) => {
    writeFileSync(join(folder, name), `${readFileSync(`/etc/${name}`, 'utf8')}${entry}\n`)
  }
  add('passwd', `${user}:x:65533:65533::/nonexistent:/usr/sbin/nologin`)
  add('group', `${user}:x:65533:`)
  const files = 'NSS_WRAPPER_PASSWD="$here/passwd" NSS_WRAPPER_GROUP="$here/group"'
  return `export LD_PRELOAD=libnss_wrapper.so ${files}`
}

/** Runs a command; throws what it printed when it fails. */
function must(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    ...options,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}${stderr}`)
}
