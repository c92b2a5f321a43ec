import type { Platform } from '../platform.js'

export const awsApiGateway: Platform = {
  id: 'aws-api-gateway',
  name: 'Amazon API Gateway',
  peer: 'Lambda: no peer (adapter); HTTP/VPC integration: AWS service addresses (API_GATEWAY in ip-ranges.json) or the VPC link ENI/NLB',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'port'] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: 'the addresses of the VPC link’s network interfaces, the ranges of service API_GATEWAY in ip-ranges.json, or `event` behind a Lambda adapter',
    },
  ],
  ranges: { source: 'https://ip-ranges.amazonaws.com/ip-ranges.json', format: 'aws-ip-ranges' },
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: 'REST regional: <client>; REST edge-optimized: <client>, <CloudFront edge>',
      note: 'client is last (regional, HTTP API) or second from the right (edge-optimized)',
    },
    {
      name: 'forwarded',
      mode: 'HTTP API: written/appended for integrations (by,for,host,proto)',
      form: '',
      note: 'secondary source only',
    },
  ],
  scheme: 'X-Forwarded-Proto and -Port overwritten (client-sent 4431/http became 443/https)',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s; with mapping templates a user can overwrite XFF from a request header (fireprox pattern)',
  closesDirectAccess: 'A VPC link in place of a public integration.',
  proxyProtocol: 'no',
  healthChecks: 'none',
  sources: [
    {
      what: 'logandk/serverless-wsgi#36 (edge: spoofed, client, gateway)',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'ustayready/fireprox#12 (regional: 1.1.1.1, client; port and proto overwritten)',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'requestContext.identity.sourceIp / http.sourceIp as the platform value: adapters',
      confidence: 'source code',
      read: '2026-11-30',
    },
    {
      what: 'Forwarded for HTTP API: article cited in pbojinov/request-ip#71',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
