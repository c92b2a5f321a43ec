import { freePort } from '../../peers/harness/ports.js'
import { UNCHECKED } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

export const lighttpd: InteropPeer = {
  name: 'lighttpd',
  programs: ['lighttpd'],
  version: ['-v'],
  receives: {
    shows: 'the page',
    listeners: [
      {
        setting: 'extforward.hap-PROXY = "enable"',
        port: 'http',
        faults: { 'v2 wrong CRC32C': UNCHECKED },
      },
    ],
    async start() {
      const ports = { http: await freePort() }
      const server = await startConfigured({
        program: 'lighttpd',
        folders: ['pages'],
        files: {
          'pages/index.shtml': 'client=<!--#echo var="REMOTE_ADDR" -->\n',
          'lighttpd.conf': `
server.modules = ( "mod_extforward", "mod_ssi" )
server.bind = "127.0.0.1"
server.port = ${ports.http}
server.document-root = "$FOLDER/pages"
index-file.names = ( "index.shtml" )
ssi.extension = ( ".shtml" )
extforward.hap-PROXY = "enable"
extforward.forwarder = ( "127.0.0.1" => "trust" )
`,
        },
        args: ['-D', '-f', '$FOLDER/lighttpd.conf'],
        readyPort: ports.http,
      })
      return { ...server, ports, named: namedByPage }
    },
  },
}
