import { placeText } from '../../listen/listening.js'
import { lines, type PairTarget, seconds, UNREAD_BY_TCP } from '../configuration.js'

/** stunnel ends TLS, and sends version 1. */
export const stunnel: PairTarget = {
  name: 'stunnel',
  sends: ['proxy-protocol'],
  file: 'stunnel.conf',
  write(contract, { listen, upstream }) {
    return {
      text: lines(
        '[service]',
        `accept = ${placeText(listen)}`,
        `connect = ${placeText(upstream)}`,
        'cert = /etc/stunnel/service.pem',
        'protocol = proxy',
        `TIMEOUTconnect = ${seconds(contract)}`,
      ),
      notes: [UNREAD_BY_TCP, 'stunnel makes no health checks.'],
    }
  },
}
