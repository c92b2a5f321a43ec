import { certificate } from '../../peers/harness/certificate.js'
import { freePort } from '../../peers/harness/ports.js'
import { REFUSES_UNKNOWN, REFUSES_UNSPEC, UNCHECKED } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

const MODULES = ['mpm_event', 'authz_core', 'remoteip', 'headers', 'dir', 'ssl']

const FAULTS = {
  'v1 UNKNOWN': REFUSES_UNKNOWN,
  'v2 UNSPEC': REFUSES_UNSPEC,
  'v2 wrong CRC32C': UNCHECKED,
}

export const apache: InteropPeer = {
  name: 'Apache httpd',
  programs: ['apache2'],
  version: ['-v'],
  receives: {
    shows: 'a field of the response',
    listeners: [
      { setting: 'RemoteIPProxyProtocol On', port: 'http', faults: FAULTS },
      {
        setting: 'RemoteIPProxyProtocol On, SSLEngine on',
        port: 'https',
        tls: true,
        faults: FAULTS,
      },
    ],
    async start() {
      const ports = { http: await freePort(), https: await freePort() }
      const { certFile, keyFile } = certificate()
      const httpd = await startConfigured({
        program: 'apache2',
        folders: ['pages'],
        files: {
          'pages/index.html': 'hello\n',
          'httpd.conf': `
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerName localhost
PidFile $FOLDER/httpd.pid
DefaultRuntimeDir $FOLDER
ErrorLog $FOLDER/error.log
User nobody
Group nogroup
StartServers 1
DocumentRoot $FOLDER/pages
DirectoryIndex index.html
Listen 127.0.0.1:${ports.http}
Listen 127.0.0.1:${ports.https}
Header always set X-Client "expr=client=%{REMOTE_ADDR}"
<VirtualHost 127.0.0.1:${ports.http}>
  RemoteIPProxyProtocol On
</VirtualHost>
<VirtualHost 127.0.0.1:${ports.https}>
  RemoteIPProxyProtocol On
  SSLEngine on
  SSLCertificateFile ${certFile}
  SSLCertificateKeyFile ${keyFile}
</VirtualHost>
`,
        },
        args: ['-f', '$FOLDER/httpd.conf', '-DFOREGROUND'],
        readyPort: ports.https,
      })
      return { ...httpd, ports, named: namedByPage }
    },
  },
}
