import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './folder.js'
import { peerPath } from './peer.js'
import { freePort } from './ports.js'
import { type Service, startProgram } from './service.js'

export interface NginxConfig {
  /** `server`, `map` and other blocks of the `http` section. */
  readonly http?: string
  /** `server` blocks of the `stream` section. */
  readonly stream?: string
  /** `server` blocks of the `mail` section. */
  readonly mail?: string
}

/** Debian builds the modules for stream and mail as files of their own. */
const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so'
const MAIL_MODULE = '/usr/lib/nginx/modules/ngx_mail_module.so'

/** Starts nginx as a single process; it accepts on every port of its servers when this resolves. */
export async function startNginx(config: NginxConfig): Promise<Service> {
  const path = peerPath('nginx')
  const folder = temporaryFolder('nginx')
  mkdirSync(join(folder, 'tmp'))
  const ready = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(config, ready))
  const args = ['-p', folder, '-c', file, '-e', 'stderr']
  return startProgram({ path, args, readyPort: ready, readyAnswers: true, folder })
}

/** nginx binds every port before it answers on any; the port `ready` shows that it has. */
function configuration({ http = '', stream, mail }: NginxConfig, ready: number): string {
  const load = existsSync(STREAM_MODULE) ? `load_module ${STREAM_MODULE};` : ''
  const loadMail = mail === undefined ? '' : `load_module ${MAIL_MODULE};`
  return `${load}
${loadMail}
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path tmp/body;
  proxy_temp_path tmp/proxy;
  fastcgi_temp_path tmp/fastcgi;
  uwsgi_temp_path tmp/uwsgi;
  scgi_temp_path tmp/scgi;
  server { listen 127.0.0.1:${ready}; return 204; }
${http}
}
${stream === undefined ? '' : `stream {\n${stream}\n}`}
${mail === undefined ? '' : `mail {\n${mail}\n}`}
`
}
