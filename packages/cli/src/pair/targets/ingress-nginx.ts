import { headerName } from '@truehop/identity/adapter'
import { UsageError } from '../../program/usage-error.js'
import { lines, type PairTarget, UNREAD_BY_TCP } from '../configuration.js'
import type { HopContract } from '../hop-contract.js'
import { scalar } from './yaml-lines.js'

/** ingress-nginx: its ConfigMaps. */
export const ingressNginx: PairTarget = {
  name: 'ingress-nginx',
  sends: ['proxy-protocol', 'x-forwarded-for', 'single'],
  file: 'a manifest',
  write(contract, { listen, upstream }) {
    const { sends, asserts } = contract
    if (sends === 'single' && asserts !== 'x-real-ip') {
      throw new UsageError(
        `ingress-nginx cannot write the client's address into ${asserts}; let the policy read x-forwarded-for or x-real-ip`,
      )
    }
    if (sends !== 'proxy-protocol') return http(contract)
    return {
      text: lines(
        configMap('tcp-services'),
        `  ${scalar(String(listen.port))}: ${scalar(`default/service:${upstream.port}::PROXY`)}`,
      ),
      notes: [
        UNREAD_BY_TCP,
        'Ingress resources send no PROXY header: only services of tcp-services do. Start the controller with --tcp-services-configmap.',
      ],
    }
  },
}

function http({ trusted, counted, clear }: HopContract): ReturnType<PairTarget['write']> {
  const hasHops = trusted.length > 0
  const drop = clear.filter(
    ({ name, keepFrom, believed }) =>
      (keepFrom.length === 0 || believed) && !/^x-(real-ip|forwarded-)/.test(name),
  )
  return {
    text: lines(
      configMap('ingress-nginx-controller'),
      `  use-forwarded-headers: "${hasHops}"`,
      hasHops ? `  proxy-real-ip-cidr: ${scalar(trusted.join(','))}` : undefined,
      `  compute-full-forwarded-for: "${hasHops || counted}"`,
      '  proxy-set-headers: "ingress-nginx/truehop-headers"',
      '---',
      configMap('truehop-headers'),
      drop.map(({ name }) => `  ${headerName(name)}: ""`),
    ),
    notes: [
      'Snippets and annotations of single Ingress resources may undo this.',
      ...open(trusted),
    ],
  }
}

/** `use-forwarded-headers` has no condition on an address, except for `X-Forwarded-For`. */
function open(trusted: readonly string[]): string[] {
  if (trusted.length === 0) return []
  return [
    `X-Forwarded-Proto, -Host and -Port pass as whoever reaches the controller wrote them: let only ${trusted.join(', ')} reach it.`,
  ]
}

function configMap(name: string): string[] {
  return [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${name}`,
    '  namespace: ingress-nginx',
    'data:',
  ]
}
