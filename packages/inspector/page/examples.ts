import { definePolicy, type PolicyOptions, platforms } from '@truehop/identity/portable'
import type { Trial } from '../src/view/view.js'
import { exampleTrial } from './example-trial.js'

export interface Example {
  readonly name: string
  readonly policy: PolicyOptions
  readonly trial: Trial
}

const xff = (list: string): string => `X-Forwarded-For: ${list}`
const CDN = ['173.245.48.0/20', '2400:cb00::/32']

/** Chains that many services stand behind, each with evidence to begin with. */
export const TOPOLOGIES: readonly [Example, ...Example[]] = [
  {
    name: 'CDN in front of a network load balancer',
    policy: {
      hops: [
        { name: 'nlb', from: ['10.0.0.0/16'], asserts: 'proxy-protocol' },
        { name: 'edge', from: CDN, asserts: 'cf-connecting-ip' },
      ],
    },
    trial: {
      peer: '10.0.0.5',
      proxy: 'PROXY TCP4 173.245.48.9 10.0.0.5 51442 443',
      headers: `CF-Connecting-IP: 198.51.100.7\n${xff('192.0.2.66, 198.51.100.7')}`,
    },
  },
  {
    name: 'nginx on the same machine',
    policy: { trust: ['loopback'], header: 'x-forwarded-for' },
    trial: { peer: '127.0.0.1', proxy: '', headers: xff('192.0.2.66, 198.51.100.7') },
  },
  {
    name: 'nginx on a Unix socket',
    policy: { trust: ['unix'], header: 'x-forwarded-for' },
    trial: { peer: 'unix', proxy: '', headers: xff('192.0.2.66, 198.51.100.7') },
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
    name: 'Two load balancers, each with a PROXY header',
    policy: {
      hops: [{ name: 'balancers', from: ['10.0.0.0/16'], asserts: 'proxy-protocol' }],
      proxyProtocol: { maxHeaders: 2 },
    },
    trial: {
      peer: '10.0.0.5',
      proxy: 'PROXY TCP4 10.0.1.9 10.0.0.5 40000 443\nPROXY TCP4 198.51.100.7 10.0.1.9 51442 443',
      headers: '',
    },
  },
  {
    name: 'CDN in front of an application load balancer',
    policy: {
      hops: [
        { name: 'alb', from: ['10.0.0.0/16'], asserts: 'x-forwarded-for' },
        { name: 'edge', from: CDN, asserts: 'cf-connecting-ip' },
      ],
    },
    trial: {
      peer: '10.0.0.5',
      proxy: '',
      headers: `${xff('192.0.2.66, 198.51.100.7, 173.245.48.9')}\nCF-Connecting-IP: 198.51.100.7`,
    },
  },
  {
    name: 'Load balancer in TCP mode, then an ingress',
    policy: {
      hops: [{ name: 'ingress', from: ['10.42.0.0/16'], asserts: 'x-forwarded-for' }],
    },
    trial: { peer: '10.42.0.7', proxy: '', headers: xff('192.0.2.66, 198.51.100.7') },
  },
  {
    name: 'Sidecar in the same pod',
    policy: {
      hops: [
        { name: 'sidecar', from: ['127.0.0.6', '127.0.0.1'], asserts: 'x-forwarded-for' },
        { name: 'gateway', from: ['10.42.0.0/16'], asserts: 'x-forwarded-for' },
      ],
    },
    trial: { peer: '127.0.0.6', proxy: '', headers: xff('198.51.100.7, 10.42.0.7') },
  },
  {
    name: 'A fixed number of proxies, whoever they are',
    policy: { hops: [{ name: 'two', from: ['any'], asserts: 'x-forwarded-for', depth: 2 }] },
    trial: { peer: '10.0.0.5', proxy: '', headers: xff('192.0.2.66, 198.51.100.7, 10.0.1.9') },
  },
  {
    name: 'Forwarded (RFC 7239)',
    policy: { trust: ['10.0.0.0/8'], header: 'forwarded' },
    trial: {
      peer: '10.0.0.5',
      proxy: '',
      headers: 'Forwarded: for=192.0.2.66, for="198.51.100.7:51442";proto=https',
    },
  },
  {
    name: 'Directly on the internet',
    policy: { hops: [] },
    trial: { peer: '198.51.100.7', proxy: '', headers: xff('192.0.2.66') },
  },
]

/** Addresses that only the user of a platform can know. */
const OWN = ['10.0.0.0/16']

/** Every platform that is known, with evidence as it sends it. */
export const PLATFORMS: readonly Example[] = Object.values(platforms).map(
  ({ id, name, parameters }) => {
    const isNeeded = parameters.some((parameter) => parameter.name === 'from' && parameter.required)
    const policy = { hops: [{ platform: id, ...(isNeeded ? { from: OWN } : {}) }] }
    return { name, policy, trial: exampleTrial(definePolicy(policy)) }
  },
)
