import type { Platform } from '../platform.js'

export const awsAlb: Platform = {
  id: 'aws-alb',
  name: 'AWS Application Load Balancer',
  peer: 'ALB nodes: private addresses of the subnets enabled for the load balancer; only the user knows them',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'port'] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: 'the subnets of the load balancer, from the VPC console or `aws ec2 describe-subnets`',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append (default; attribute routing.http.xff_header_processing.mode = append|preserve|remove)',
      form: 'client last; IPv4 or bare IPv6; with routing.http.xff_client_port.enabled=true address:port, IPv6 in brackets',
      note: 'mode preserve: the last entry is what the client sent; mode remove: header absent',
    },
    { name: 'x-forwarded-proto', mode: 'written', form: 'http|https', note: '' },
    { name: 'x-forwarded-port', mode: 'written', form: 'listener port', note: '' },
    {
      name: 'host',
      mode: 'default: listener port appended to Host unless 80/443; preserve_host_header keeps it',
      form: '',
      note: '',
    },
  ],
  scheme: 'X-Forwarded-Proto and -Port written; -Host not written (inferred: passes through)',
  clientCanInfluence:
    'everything left of the last XFF entry; the whole header in mode preserve; x-forwarded-host, x-real-ip, forwarded pass through (inferred)',
  closesDirectAccess:
    'A security group on the targets that allows only the load balancer’s security group.',
  proxyProtocol: 'no',
  healthChecks: 'HTTP probes from the ALB nodes without XFF (inferred): node speaks for itself',
  sources: [
    {
      what: 'docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'awsdocs/elb-application-load-balancers-user-guide doc_source/x-forwarded-headers.md (bare IPv6 example)',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'AWS re:Post launch announcement of the Host and XFF modes',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'bracketed IPv6 with port: gravitational/teleport test of forwarded addresses; vendor text not read',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: host exception for ports 80/443; health',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
