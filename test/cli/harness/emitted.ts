import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { truehop } from '../../../packages/cli/test/command-line.js'
import { certificate } from '../../peers/harness/certificate.js'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { startNginx } from '../../peers/harness/nginx.js'
import { peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { type Service, startProgram } from '../../peers/harness/service.js'

/** A program that runs what `truehop pair` printed. */
export interface Emitted extends Service {
  /** Where clients connect. */
  readonly url: string
  /** What was printed. */
  readonly text: string
}

type Start = (text: string, port: number, program: string) => Promise<Service>

const STARTS: Readonly<Record<string, { readonly start: Start; readonly tls?: true }>> = {
  haproxy: {
    start: (text, port) => started('haproxy', port, text, (file) => ['-db', '-f', file]),
  },
  nginx: {
    // The rest of the file is the harness's.
    start: (text) => {
      const [, section = '', inside = ''] = /^(http|stream) \{\n([\s\S]*)\}\n$/.exec(text) ?? []
      return startNginx({ [section]: inside })
    },
  },
  caddy: {
    // No second port, and nothing written down.
    start: (text, port, program) =>
      started(program, port, `{\n  admin off\n  auto_https off\n}\n${text}`, (file) => [
        ...['run', '--adapter', 'caddyfile', '--config', file],
      ]),
  },
  varnish: {
    start: (text, port) =>
      started('varnish', port, text, (file, folder) => [
        ...['-F', '-j', 'none', '-n', join(folder, 'work'), '-f', file],
        ...['-a', `127.0.0.1:${port}`, '-s', 'malloc,10m'],
        ...['-p', 'thread_pools=1', '-p', 'thread_pool_min=10'],
      ]),
  },
  hitch: {
    tls: true,
    start: (text, port) =>
      started(
        'hitch',
        port,
        text.replace('/etc/hitch/service.pem', certificate().bothFile),
        (file) => [...['--config', file, '--user', 'nobody']],
      ),
  },
  stunnel: {
    tls: true,
    start: (text, port) => {
      const own = text.replace('/etc/stunnel/service.pem', certificate().bothFile)
      return started('stunnel', port, `foreground = yes\npid =\n${own}`, (file) => [file])
    },
  },
  apache: {
    start: (text, port) =>
      started('apache2', port, `${APACHE}\n${text}`, (file, folder) => [
        ...['-f', file, '-DFOREGROUND', '-c', `DefaultRuntimeDir ${folder}`],
        ...['-c', `PidFile ${folder}/httpd.pid`, '-c', `ErrorLog ${folder}/error.log`],
      ]),
  },
}

const APACHE = [
  ...['mpm_event', 'authz_core', 'headers', 'proxy', 'proxy_http'].map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
  ),
  'ServerName localhost',
  'User nobody',
  'Group nogroup',
  'StartServers 1',
].join('\n')

/** Has the configuration printed for a policy file, and starts the program of peers.json with it. */
export async function startEmitted(
  target: string,
  peer: string,
  policyFile: string,
  upstream: number,
): Promise<Emitted> {
  const port = await freePort()
  const args = ['pair', '--policy', policyFile, '--target', target]
  const ends = ['--listen', `127.0.0.1:${port}`, '--upstream', `127.0.0.1:${upstream}`]
  const { code, out, err } = await truehop([...args, ...ends])
  if (code !== 0) throw new Error(err)
  const entry = STARTS[target]
  if (entry === undefined) throw new Error(`no way to start ${target}`)
  const service = await entry.start(out, port, peer)
  const scheme = entry.tls === true ? 'https' : 'http'
  return { ...service, url: `${scheme}://127.0.0.1:${port}/`, text: out }
}

async function started(
  name: string,
  readyPort: number,
  text: string,
  args: (file: string, folder: string) => readonly string[],
): Promise<Service> {
  const folder = temporaryFolder(name)
  // Some serve as another user.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'work'))
  const file = join(folder, 'configuration')
  writeFileSync(file, text)
  return startProgram({
    path: peerPath(name),
    args: args(file, folder),
    env: { HOME: folder },
    readyPort,
    folder,
  })
}
