import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../peers/harness/folder.js'
import { peerPath } from '../../peers/harness/peer.js'
import { freePort } from '../../peers/harness/ports.js'
import { type Service, startProgram } from '../../peers/harness/service.js'

export interface Apache extends Service {
  /** With `RemoteIPProxyProtocol On`. */
  readonly proxied: number
  readonly plain: number
}

/** Starts Apache httpd with two virtual hosts, whose responses name the client in `X-Client`. */
export async function startApache(): Promise<Apache> {
  const [proxied, plain] = [await freePort(), await freePort()]
  const folder = temporaryFolder('apache')
  mkdirSync(join(folder, 'pages'))
  writeFileSync(join(folder, 'pages/index.html'), 'hello\n')
  // As root, it serves as another user.
  for (const path of [folder, join(folder, 'pages')]) chmodSync(path, 0o755)
  const file = join(folder, 'httpd.conf')
  writeFileSync(file, configuration(folder, proxied, plain))
  const args = ['-f', file, '-DFOREGROUND']
  const program = await startProgram({
    path: peerPath('apache2'),
    args,
    readyPort: plain,
    folder,
  })
  return { ...program, proxied, plain }
}

const MODULES = ['mpm_event', 'authz_core', 'remoteip', 'headers', 'dir']

const configuration = (folder: string, proxied: number, plain: number): string => `
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerName localhost
PidFile ${folder}/httpd.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
User nobody
Group nogroup
StartServers 1
DocumentRoot ${folder}/pages
DirectoryIndex index.html
Listen 127.0.0.1:${proxied}
Listen 127.0.0.1:${plain}
Header always set X-Client "expr=%{REMOTE_ADDR}"
<VirtualHost 127.0.0.1:${proxied}>
  RemoteIPProxyProtocol On
</VirtualHost>
<VirtualHost 127.0.0.1:${plain}>
</VirtualHost>
`
