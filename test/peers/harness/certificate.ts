import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './folder.js'
import { peerPath } from './peer.js'

/** A self-signed certificate for localhost and 127.0.0.1. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
  /** Certificate and key in one file, as HAProxy reads it. */
  readonly bothFile: string
}

const DAY_MS = 86_400_000

/** The certificate of the tests. Made with openssl for two days, and made again after one. */
export function certificate(): Certificate {
  const folder = cacheFolder('certificate')
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  const bothFile = join(folder, 'both.pem')
  if (!isFresh(bothFile)) make(certFile, keyFile, bothFile)
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')]
  return { cert, key, certFile, keyFile, bothFile }
}

function isFresh(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat !== undefined && Date.now() - stat.mtimeMs < DAY_MS
}

/** The file that tells the age is written last: what a killed run left half made is made again. */
function make(certFile: string, keyFile: string, bothFile: string): void {
  rmSync(bothFile, { force: true })
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  const subject = ['-subj', '/CN=localhost', '-addext', names, '-days', '2', '-out', certFile]
  execFileSync(peerPath('openssl'), ['req', '-x509', ...key, ...subject], { stdio: 'pipe' })
  writeFileSync(bothFile, readFileSync(certFile, 'utf8') + readFileSync(keyFile, 'utf8'), {
    mode: 0o600,
  })
}
