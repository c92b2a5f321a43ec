import { startHaproxy } from '../../peers/harness/haproxy.js'
import { REFUSES_UNSPEC } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer, Receives } from '../harness/peer.js'
import { haproxySends } from './haproxy-sends.js'

const ECHO = ['http-request return status 200 content-type text/plain lf-string "client=%[src]"']

const FAULTS = { 'v2 UNSPEC': REFUSES_UNSPEC }

const receivesBy = (program: string): Receives => ({
  shows: 'the page',
  listeners: [
    { setting: 'accept-proxy', port: 'http', faults: FAULTS },
    { setting: 'accept-proxy ssl', port: 'https', tls: true, faults: FAULTS },
  ],
  async start() {
    const route = { mode: 'http', to: 1, bind: 'accept-proxy', lines: ECHO } as const
    const routes = { http: route, https: { ...route, tls: true } }
    const { ports, stop } = await startHaproxy(routes, program)
    return { ports, stop, named: namedByPage }
  },
})

export const haproxy: InteropPeer = {
  name: 'HAProxy',
  programs: ['haproxy'],
  version: ['-v'],
  cannot: ['`set-proxy-v2-tlv-fmt` came with 2.9; the cells of HAProxy 3.0 show it'],
  sends: haproxySends('haproxy'),
  receives: receivesBy('haproxy'),
}

const OWN_TLVS =
  'send-proxy-v2 set-proxy-v2-tlv-fmt(0x02) %[str(app.example)] set-proxy-v2-tlv-fmt(0xe1) %[src]'

/** `set-proxy-v2-tlv-fmt` came with 2.9; Debian 12 has 2.6. */
export const haproxyTrixie: InteropPeer = {
  name: 'HAProxy 3.0',
  programs: ['haproxy-3.0'],
  version: ['-v'],
  onlyIn: 'long',
  sends: haproxySends('haproxy-3.0', [{ name: OWN_TLVS }], {
    [OWN_TLVS]: {
      IPv4: 'v2 PROXY INET, AUTHORITY+0xe1; client=127.0.0.9',
      IPv6: 'v2 PROXY INET6, AUTHORITY+0xe1; client=::1',
    },
  }),
  receives: receivesBy('haproxy-3.0'),
}
