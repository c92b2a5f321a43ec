import type { Platform } from '../platform.js'

export const awsNlb: Platform = {
  id: 'aws-nlb',
  name: 'AWS Network Load Balancer',
  peer: 'instance targets: the client itself; ip targets: NLB node addresses unless client IP preservation is on; PrivateLink: always NLB nodes',
  peers: [],
  rules: {
    'proxy-protocol': [{ asserts: 'proxy-protocol', original: [] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: 'the subnets of the load balancer, from the VPC console or `aws ec2 describe-subnets`; turn client IP preservation off if PROXY protocol is on',
    },
  ],
  ranges: undefined,
  writes: [],
  scheme: 'none: it does not read HTTP, and what a client wrote passes',
  clientCanInfluence:
    'nothing in the address; a client may send its own PROXY header AFTER the NLB one (NLB does not remove it)',
  closesDirectAccess: 'A security group on the targets that allows only the load balancer.',
  proxyProtocol:
    'v2, off by default (proxy_protocol_v2.enabled); TLV 0xEA (VPC endpoint id); several headers possible, first on the wire is the NLB only when nothing else reaches the port',
  healthChecks: 'PROXY header is also sent on health checks, without client information',
  sources: [
    {
      what: 'awsdocs/elb-network-load-balancers-user-guide doc_source/load-balancer-target-groups.md',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'LOCAL with family 0x11 on health checks: seen in captures',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
  ],
}
