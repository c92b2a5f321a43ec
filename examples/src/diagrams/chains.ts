import { providers } from '@truehop/identity'
import type { ProxyHeader } from '@truehop/proxy-protocol'
import type { Chain } from './chain.js'

const CLIENT = '198.51.100.7'
const EDGE = '173.245.48.9'
const FORGED = '203.0.113.99'
const VPC = '10.0.0.0/16'

/** The pictures of the documentation. */
export const CHAINS: readonly Chain[] = [
  {
    name: 'chain',
    parties: { [CLIENT]: 'client', [EDGE]: 'edge', '10.0.0.5': 'load balancer' },
    policy: {
      hops: [
        { name: 'nlb', from: [VPC], asserts: 'proxy-protocol' },
        { name: 'edge', from: ['173.245.48.0/20', '2400:cb00::/32'], asserts: 'cf-connecting-ip' },
      ],
    },
    evidence: {
      peer: '10.0.0.5',
      proxyHeaders: [proxied(EDGE, '10.0.0.5')],
      headers: { 'cf-connecting-ip': CLIENT },
    },
  },
  {
    name: 'direct',
    parties: { [CLIENT]: 'client' },
    policy: { hops: [] },
    evidence: { peer: CLIENT, headers: { 'x-forwarded-for': FORGED } },
  },
  {
    name: 'nginx',
    parties: { [CLIENT]: 'client', '127.0.0.1': 'nginx' },
    policy: { hops: [{ name: 'nginx', from: ['loopback'], asserts: 'x-forwarded-for' }] },
    evidence: { peer: '127.0.0.1', headers: { 'x-forwarded-for': `${FORGED}, ${CLIENT}` } },
  },
  {
    name: 'haproxy-tcp',
    parties: { [CLIENT]: 'client', '10.0.0.5': 'HAProxy' },
    policy: { hops: [{ name: 'haproxy', from: ['10.0.0.5'], asserts: 'proxy-protocol' }] },
    evidence: {
      peer: '10.0.0.5',
      proxyHeaders: [proxied(CLIENT, '10.0.0.5')],
      headers: { 'x-forwarded-for': FORGED },
    },
  },
  {
    name: 'aws-alb',
    parties: { [CLIENT]: 'client', '10.0.1.20': 'ALB' },
    policy: {
      hops: [{ name: 'alb', from: ['10.0.1.0/24', '10.0.2.0/24'], asserts: 'x-forwarded-for' }],
    },
    evidence: { peer: '10.0.1.20', headers: { 'x-forwarded-for': `${FORGED}, ${CLIENT}` } },
  },
  {
    name: 'aws-nlb',
    parties: { [CLIENT]: 'client', '10.0.1.30': 'NLB' },
    policy: {
      hops: [{ name: 'nlb', from: ['10.0.1.0/24', '10.0.2.0/24'], asserts: 'proxy-protocol' }],
    },
    evidence: {
      peer: '10.0.1.30',
      proxyHeaders: [proxied(CLIENT, '10.0.1.30')],
      headers: { 'x-forwarded-for': FORGED },
    },
  },
  {
    name: 'cloudflare-alb',
    parties: { [CLIENT]: 'client', [EDGE]: 'Cloudflare', '10.0.1.20': 'ALB' },
    policy: {
      hops: [
        { name: 'alb', from: ['10.0.1.0/24', '10.0.2.0/24'], asserts: 'x-forwarded-for' },
        { name: 'cloudflare', from: providers.cloudflare.entries, asserts: 'cf-connecting-ip' },
      ],
    },
    evidence: {
      peer: '10.0.1.20',
      headers: {
        'x-forwarded-for': `${FORGED}, ${CLIENT}, ${EDGE}`,
        'cf-connecting-ip': CLIENT,
      },
    },
  },
  {
    name: 'cdn-nlb-nginx',
    parties: { [CLIENT]: 'client', [EDGE]: 'Cloudflare', '127.0.0.1': 'NLB, nginx' },
    policy: {
      hops: [
        { name: 'nginx', from: ['loopback'], asserts: 'x-forwarded-for', required: true },
        {
          name: 'cloudflare',
          from: providers.cloudflare.entries,
          asserts: 'cf-connecting-ip',
          required: true,
        },
      ],
    },
    evidence: {
      peer: '127.0.0.1',
      headers: { 'x-forwarded-for': EDGE, 'cf-connecting-ip': CLIENT },
    },
  },
  {
    name: 'kubernetes-ingress',
    parties: { [CLIENT]: 'client', '10.244.3.17': 'ingress' },
    policy: { hops: [{ name: 'ingress', from: ['10.244.0.0/16'], asserts: 'x-forwarded-for' }] },
    evidence: { peer: '10.244.3.17', headers: { 'x-forwarded-for': CLIENT } },
  },
  {
    name: 'sidecar',
    parties: { [CLIENT]: 'client', '127.0.0.6': 'sidecar' },
    policy: {
      hops: [{ name: 'sidecar', from: ['loopback'], asserts: 'x-forwarded-for', required: true }],
    },
    evidence: { peer: '127.0.0.6', headers: { 'x-forwarded-for': `${FORGED}, ${CLIENT}` } },
  },
  {
    name: 'unix-socket',
    parties: { [CLIENT]: 'client', unix: 'nginx' },
    policy: { hops: [{ name: 'nginx', from: ['unix'], asserts: 'x-real-ip' }] },
    evidence: {
      peer: 'unix',
      headers: { 'x-real-ip': CLIENT, 'x-forwarded-for': FORGED },
    },
  },
  {
    name: 'two-proxy-headers',
    parties: { [CLIENT]: 'client', '192.0.2.10': 'HAProxy', '10.0.1.30': 'NLB' },
    policy: {
      hops: [
        { name: 'nlb', from: ['10.0.1.0/24', '10.0.2.0/24'], asserts: 'proxy-protocol' },
        { name: 'haproxy', from: ['192.0.2.10'], asserts: 'proxy-protocol' },
      ],
      proxyProtocol: { maxHeaders: 2 },
    },
    evidence: {
      peer: '10.0.1.30',
      proxyHeaders: [proxied('192.0.2.10', '10.0.1.30'), proxied(CLIENT, '192.0.2.10')],
    },
  },
]

/** The version 2 header that a hop writes for a connection. */
function proxied(source: string, destination: string): ProxyHeader {
  return {
    version: 2,
    command: 'PROXY',
    family: 'INET',
    transport: 'STREAM',
    source: { address: source, port: 51442 },
    destination: { address: destination, port: 443 },
    tlvs: [],
  }
}
