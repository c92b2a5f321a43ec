import { certificate } from '../../peers/harness/certificate.js'
import { startNginx } from '../../peers/harness/nginx.js'
import { freePort } from '../../peers/harness/ports.js'
import { UNCHECKED } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'

const FAULTS = { 'v2 wrong CRC32C': UNCHECKED }

export const nginx: InteropPeer = {
  name: 'nginx',
  programs: ['nginx'],
  version: ['-v'],
  receives: {
    shows: 'the page',
    listeners: [
      { setting: 'listen … proxy_protocol', port: 'http', faults: FAULTS },
      { setting: 'listen … ssl proxy_protocol', port: 'https', tls: true, faults: FAULTS },
    ],
    async start() {
      const ports = { http: await freePort(), https: await freePort() }
      const { certFile, keyFile } = certificate()
      const { stop } = await startNginx({
        http: `
real_ip_header proxy_protocol;
set_real_ip_from 127.0.0.0/8;
ssl_certificate ${certFile};
ssl_certificate_key ${keyFile};
server { listen 127.0.0.1:${ports.http} proxy_protocol; return 200 "client=$remote_addr"; }
server { listen 127.0.0.1:${ports.https} ssl proxy_protocol; return 200 "client=$remote_addr"; }`,
      })
      return { ports, stop, named: namedByPage }
    },
  },
}
