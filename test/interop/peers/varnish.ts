import { freePort } from '../../peers/harness/ports.js'
import { REFUSES_UNKNOWN } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'
import { startConfigured } from '../harness/program.js'

export const varnish: InteropPeer = {
  name: 'Varnish',
  programs: ['varnish'],
  version: ['-V'],
  receives: {
    shows: 'the page',
    listeners: [{ setting: '-a …,PROXY', port: 'http', faults: { 'v1 UNKNOWN': REFUSES_UNKNOWN } }],
    async start() {
      const ports = { http: await freePort() }
      const varnishd = await startVarnish(
        `backend none none;
sub vcl_recv { return (synth(200)); }
sub vcl_synth { set resp.body = "client=" + client.ip; return (deliver); }`,
        `127.0.0.1:${ports.http},PROXY`,
        ports.http,
      )
      return { ...varnishd, ports, named: namedByPage }
    },
  },
}

const startVarnish = (vcl: string, listen: string, readyPort: number) =>
  startConfigured({
    program: 'varnish',
    folders: ['work'],
    files: { 'service.vcl': `vcl 4.1;\n${vcl}\n` },
    args: [
      ...['-F', '-j', 'none', '-n', '$FOLDER/work', '-f', '$FOLDER/service.vcl', '-a', listen],
      ...['-s', 'malloc,10m', '-p', 'thread_pools=1', '-p', 'thread_pool_min=10'],
    ],
    readyPort,
  })
