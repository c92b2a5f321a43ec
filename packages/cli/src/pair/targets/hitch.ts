import { lines, type PairTarget, UNREAD_BY_TCP } from '../configuration.js'

/** hitch ends TLS. */
export const hitch: PairTarget = {
  name: 'hitch',
  sends: ['proxy-protocol'],
  file: 'hitch.conf',
  write(_contract, { listen, upstream }) {
    return {
      text: lines(
        `frontend = "[${listen.host}]:${listen.port}"`,
        `backend = "[${upstream.host}]:${upstream.port}"`,
        'pem-file = "/etc/hitch/service.pem"',
        'write-proxy-v2 = on',
      ),
      notes: [UNREAD_BY_TCP, 'hitch makes no health checks.'],
    }
  },
}
