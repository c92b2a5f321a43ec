import { startHaproxy } from '../../peers/harness/haproxy.js'
import { REFUSES_UNSPEC } from '../harness/faults.js'
import { namedByPage } from '../harness/naming.js'
import type { InteropPeer } from '../harness/peer.js'

const ECHO = ['http-request return status 200 content-type text/plain lf-string "client=%[src]"']

const FAULTS = { 'v2 UNSPEC': REFUSES_UNSPEC }

export const haproxy: InteropPeer = {
  name: 'HAProxy',
  programs: ['haproxy'],
  version: ['-v'],
  receives: {
    shows: 'the page',
    listeners: [
      { setting: 'accept-proxy', port: 'http', faults: FAULTS },
      { setting: 'accept-proxy ssl', port: 'https', tls: true, faults: FAULTS },
    ],
    async start() {
      const route = { mode: 'http', to: 1, bind: 'accept-proxy', lines: ECHO } as const
      const { ports, stop } = await startHaproxy({ http: route, https: { ...route, tls: true } })
      return { ports, stop, named: namedByPage }
    },
  },
}
