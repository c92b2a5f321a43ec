import { certificate } from '../../peers/harness/certificate.js'
import { freePort } from '../../peers/harness/ports.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

const NO_V2 = { does: 'refused', avoid: 'reads version 1 only: send version 1' }

const FAULTS = {
  none: {
    does: 'self',
    avoid: 'serves connections without a header: let only the proxy reach the port',
  },
  'v2 INET': NO_V2,
  'v2 INET6': NO_V2,
  'v2 mixed': NO_V2,
  'v2 UNSPEC': NO_V2,
  'v2 LOCAL': NO_V2,
  'v2 TLVs, CRC32C': NO_V2,
}

export const h2o: InteropPeer = {
  name: 'h2o',
  programs: ['h2o'],
  version: ['--version'],
  receives: {
    shows: 'X-Forwarded-For to the service behind',
    listeners: [
      { setting: 'proxy-protocol: ON', port: 'http', faults: FAULTS },
      { setting: 'proxy-protocol: ON, ssl', port: 'https', tls: true, faults: FAULTS },
    ],
    async start({ echo }) {
      const ports = { http: await freePort(), https: await freePort() }
      const { certFile, keyFile } = certificate()
      const server = await startConfigured({
        program: 'h2o',
        folders: ['tmp'],
        files: {
          'h2o.conf': `
num-threads: 1
temp-buffer-path: $FOLDER/tmp
user: nobody
hosts:
  "clear:${ports.http}":
    listen: { host: 127.0.0.1, port: ${ports.http}, proxy-protocol: ON }
    paths: { "/": { proxy.reverse.url: "http://127.0.0.1:${echo.plain}/" } }
  "secure:${ports.https}":
    listen:
      host: 127.0.0.1
      port: ${ports.https}
      proxy-protocol: ON
      ssl: { certificate-file: ${certFile}, key-file: ${keyFile} }
    paths: { "/": { proxy.reverse.url: "http://127.0.0.1:${echo.plain}/" } }
`,
        },
        args: ['-m', 'worker', '-c', '$FOLDER/h2o.conf'],
        readyPort: ports.https,
      })
      return { ...server, ports, named: namedByPage }
    },
  },
}
