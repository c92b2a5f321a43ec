import type { Platform } from '../platform.js'

export const azureApplicationGateway: Platform = {
  id: 'azure-application-gateway',
  name: 'Azure Application Gateway',
  peer: 'instances in the gateway subnet (public backends: the gateway public IP)',
  peers: [],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'port'] }],
  },
  parameters: [
    {
      name: 'from',
      required: true,
      says: 'the subnet of the gateway, from the portal or `az network vnet subnet list`',
    },
  ],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: 'comma list of address:port',
      note: 'client last',
    },
    { name: 'x-original-host', mode: 'written', form: '', note: '' },
    { name: 'x-appgw-trace-id', mode: 'written', form: '', note: '' },
  ],
  scheme: 'X-Forwarded-Proto (http|https) and -Port written; -Host not (X-Original-Host instead)',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s, unless a rewrite rule resets it',
  closesDirectAccess: 'A network security group that allows only the gateway’s subnet.',
  proxyProtocol: 'no',
  healthChecks: 'probes from the subnet, no XFF (inferred)',
  sources: [
    {
      what: 'MicrosoftDocs/azure-docs articles/application-gateway/how-application-gateway-works.md',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    { what: 'rack/rack#1227', confidence: 'observed by users', read: '2026-11-30' },
    {
      what: 'general knowledge, not looked up: health',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
