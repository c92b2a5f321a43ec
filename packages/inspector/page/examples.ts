import type { PolicyOptions } from '@truehop/identity/portable'
import type { Trial } from '../src/view/view.js'

interface Example {
  readonly name: string
  readonly policy: PolicyOptions
  readonly trial: Trial
}

/** Chains that many services stand behind, each with evidence to begin with. */
export const EXAMPLES: readonly [Example, ...Example[]] = [
  {
    name: 'CDN in front of a network load balancer',
    policy: {
      hops: [
        { name: 'nlb', from: ['10.0.0.0/16'], asserts: 'proxy-protocol' },
        { name: 'edge', from: ['173.245.48.0/20', '2400:cb00::/32'], asserts: 'cf-connecting-ip' },
      ],
    },
    trial: {
      peer: '10.0.0.5',
      proxy: 'PROXY TCP4 173.245.48.9 10.0.0.5 51442 443',
      headers: 'CF-Connecting-IP: 198.51.100.7\nX-Forwarded-For: 192.0.2.66, 198.51.100.7',
    },
  },
  {
    name: 'nginx on the same machine',
    policy: { trust: ['loopback'], header: 'x-forwarded-for' },
    trial: { peer: '127.0.0.1', proxy: '', headers: 'X-Forwarded-For: 192.0.2.66, 198.51.100.7' },
  },
  {
    name: 'HAProxy in TCP mode',
    policy: { hops: [{ name: 'haproxy', from: ['private'], asserts: 'proxy-protocol' }] },
    trial: {
      peer: '10.0.0.9',
      proxy: '0d0a0d0a000d0a515549540a 21 11 000c c6336407 0a000009 c8f2 01bb',
      headers: '',
    },
  },
  {
    name: 'Directly on the internet',
    policy: { hops: [] },
    trial: { peer: '198.51.100.7', proxy: '', headers: 'X-Forwarded-For: 192.0.2.66' },
  },
]
