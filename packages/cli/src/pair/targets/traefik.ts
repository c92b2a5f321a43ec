import { headerName } from '@truehop/identity/adapter'
import { placeText } from '../../listen/listening.js'
import { UsageError } from '../../program/usage-error.js'
import {
  type Configuration,
  type Ends,
  lines,
  type PairTarget,
  UNREAD_BY_TCP,
} from '../configuration.js'
import type { HopContract } from '../hop-contract.js'
import { list, scalar } from './yaml-lines.js'

/** Traefik 3: its static and its dynamic file. */
export const traefik: PairTarget = {
  name: 'traefik',
  sends: ['proxy-protocol', 'x-forwarded-for', 'single'],
  file: 'traefik.yml (static) and the file of the file provider (dynamic)',
  write(contract, ends) {
    if (contract.sends === 'single' && contract.asserts !== 'x-real-ip') {
      throw new UsageError(
        `traefik cannot write the client's address into ${contract.asserts}; let the policy read x-forwarded-for or x-real-ip`,
      )
    }
    return contract.sends === 'proxy-protocol' ? tcp(ends) : http(contract, ends)
  },
}

function tcp({ listen, upstream }: Ends): Configuration {
  return {
    text: lines(
      '# static',
      'entryPoints:',
      '  service:',
      `    address: ${scalar(placeText(listen))}`,
      '---',
      '# dynamic',
      'tcp:',
      '  routers:',
      '    service:',
      '      entryPoints: [service]',
      '      rule: HostSNI(`*`)',
      '      service: service',
      '  services:',
      '    service:',
      '      loadBalancer:',
      '        proxyProtocol:',
      '          version: 2',
      '        servers:',
      `        - address: ${scalar(placeText(upstream))}`,
    ),
    notes: [UNREAD_BY_TCP],
  }
}

function http(contract: HopContract, { listen, upstream }: Ends): Configuration {
  const { trusted, clear } = contract
  const drop = clear
    .filter(({ keepFrom, believed }) => keepFrom.length === 0 || believed)
    .map(({ name }) => name)
  const kept = clear.filter(
    ({ name, keepFrom, believed }) =>
      keepFrom.length > 0 && !believed && !/^x-forwarded/.test(name),
  )
  return {
    text: lines(
      '# static',
      'entryPoints:',
      '  service:',
      `    address: ${scalar(placeText(listen))}`,
      trusted.length > 0 ? '    forwardedHeaders:' : undefined,
      list('      ', 'trustedIPs', trusted),
      '---',
      '# dynamic',
      'http:',
      '  routers:',
      '    service:',
      '      entryPoints: [service]',
      '      rule: PathPrefix(`/`)',
      '      middlewares: [truehop]',
      '      service: service',
      '  middlewares:',
      '    truehop:',
      '      headers:',
      '        customRequestHeaders:',
      // Those of X-Forwarded-* it takes from a stranger by itself, and writes its own.
      drop
        .filter((name) => !/^x-forwarded-(for|proto|host|port)$/.test(name))
        .map((name) => `          ${headerName(name)}: ""`),
      '  services:',
      '    service:',
      '      loadBalancer:',
      '        servers:',
      `        - url: ${scalar(`http://${placeText(upstream)}`)}`,
    ),
    notes: kept.map(
      ({ name }) =>
        `${headerName(name)} is passed on: the policy believes it only behind the hop that writes it, by its address.`,
    ),
  }
}
