import { certificate } from '../../peers/harness/certificate.js'
import { freePort } from '../../peers/harness/ports.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

export const hitch: InteropPeer = {
  name: 'hitch',
  programs: ['hitch'],
  version: ['--version'],
  receives: {
    shows: 'the header it passes on',
    listeners: [{ setting: 'proxy-proxy = on', port: 'https', tls: true, faults: {} }],
    async start({ echo }) {
      const ports = { https: await freePort() }
      const daemon = await startHitch(ports.https, `[127.0.0.1]:${echo.http}`, 'proxy-proxy = on')
      return { ...daemon, ports, named: namedByPage }
    },
  },
}

const startHitch = (port: number, backend: string, lines: string) =>
  startConfigured({
    program: 'hitch',
    files: {
      'hitch.conf': `
frontend = "[127.0.0.1]:${port}"
backend = "${backend}"
pem-file = "${certificate().bothFile}"
workers = 1
daemon = off
user = "nobody"
${lines}
`,
    },
    args: ['--config=$FOLDER/hitch.conf'],
    readyPort: port,
  })
