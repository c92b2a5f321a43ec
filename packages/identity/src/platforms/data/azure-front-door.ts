import { azureFrontDoorRanges } from '../../ranges/snapshots/azure-front-door.js'
import type { Platform } from '../platform.js'

export const azureFrontDoor: Platform = {
  id: 'azure-front-door',
  name: 'Azure Front Door',
  peer: 'AzureFrontDoor.Backend service tag (with Private Link: private address)',
  peers: azureFrontDoorRanges.entries,
  rules: {
    'x-azure-socketip': [
      { asserts: 'x-azure-socketip', required: true, original: ['proto', 'host'] },
    ],
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'host'] }],
  },
  parameters: [
    { name: 'from', required: false, says: 'in place of the platform’s own peers' },
    {
      name: 'header',
      required: false,
      values: ['x-azure-socketip', 'x-forwarded-for'],
      says: '`x-azure-clientip` is not offered: a client can overwrite it',
    },
  ],
  ranges: azureFrontDoorRanges,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: 'client socket address last, no port documented',
      note: '',
    },
    {
      name: 'x-azure-socketip',
      mode: 'written',
      form: 'address',
      note: 'socket address of the client: the believable one',
    },
    {
      name: 'x-azure-clientip',
      mode: 'written',
      form: 'address',
      note: 'derived from XFF: client can overwrite it',
    },
    {
      name: 'x-azure-fdid',
      mode: 'written',
      form: 'GUID',
      note: 'identifies YOUR profile: must be checked, the range is shared by all tenants',
    },
    { name: 'x-fd-healthprobe', mode: '1 on probes', form: '', note: '' },
  ],
  scheme: 'X-Forwarded-Proto and -Host overwritten',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s; X-Azure-ClientIP; any Front Door customer comes from the same range',
  closesDirectAccess:
    'Private Link, or a check of `X-Azure-FDID` against your profile’s id: all customers share the ranges.',
  proxyProtocol: 'no',
  healthChecks: 'X-FD-HealthProbe: 1; X-FD-* from clients removed',
  sources: [
    {
      what: 'MicrosoftDocs/azure-docs articles/frontdoor/front-door-http-headers-protocol.md (2024-03-27)',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
  ],
}
