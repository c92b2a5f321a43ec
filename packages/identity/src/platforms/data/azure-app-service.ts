import type { Platform } from '../platform.js'

export const azureAppService: Platform = {
  id: 'azure-app-service',
  name: 'Azure App Service (Linux)',
  peer: 'Linux: 169.254.129.1 (platform bridge; other third octets in other hosts: 169.254.128.0/17 at least); Windows with iisnode/httpPlatformHandler: named pipe or 127.0.0.1',
  peers: ['linklocal'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: [] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'append',
      form: 'IPv4:port; via private endpoint address WITHOUT port; IPv6 in brackets with port',
      note: 'client last; port is optional',
    },
    { name: 'x-client-ip', mode: 'written', form: 'address without port', note: '' },
    { name: 'x-client-port', mode: 'written', form: '', note: '' },
    {
      name: 'client-ip',
      mode: 'overwritten',
      form: 'address:port, [v6]:port',
      note: 'vendor: cannot be spoofed',
    },
    {
      name: 'x-original-url, disguised-host, was-default-hostname, x-arr-log-id',
      mode: 'written',
      form: '',
      note: '',
    },
  ],
  scheme:
    'X-Forwarded-Proto written for https and absent in the observed plain-http request: whether a client’s own is removed there is not known, so it is not believed',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s (a list with "unknown, a.b.c.d:port" was seen)',
  closesDirectAccess: 'Access restrictions of the App Service.',
  proxyProtocol: 'no',
  healthChecks: 'GET /robots933456.txt, "HealthCheck/1.0", AlwaysOn from 169.254.129.1 without XFF',
  sources: [
    {
      what: 'Azure/app-service-linux-docs Things_You_Should_Know/headers.md and #140',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'README of an Azure network lab: full header dump, Remote-IP 169.254.129.1, private endpoint without port',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'Azure/iisnode#26, pbojinov/request-ip#29',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: '[fd00:...]:64909 in geoffrich/svelte-adapter-azure-swa#71; public IPv6 client in XFF',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
