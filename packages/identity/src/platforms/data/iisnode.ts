import type { Platform } from '../platform.js'

export const iisnode: Platform = {
  id: 'iisnode',
  name: 'iisnode',
  peer: 'named pipe: no address ("unix")',
  peers: ['unix'],
  rules: {
    'x-iisnode-remote_addr': [{ asserts: 'x-iisnode-remote_addr', required: true, original: [] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [
    {
      name: 'x-forwarded-for',
      mode: 'nothing by default (enableXFF=false): client value passes; with enableXFF=true appended, without port, NOT when the header text already ends in the same characters',
      form: 'address',
      note: 'suffix comparison is textual: a client at 1.2.3.4 may send ...11.2.3.4 and nothing is appended',
    },
    {
      name: 'x-iisnode-remote_addr',
      mode: 'promoteServerVars=REMOTE_ADDR',
      form: 'address',
      note: '',
    },
  ],
  scheme: 'written only with enableXFF and only when absent',
  clientCanInfluence:
    'whole XFF by default; X-Forwarded-Proto (kept when the client sent one, also with enableXFF)',
  closesDirectAccess:
    'The named pipe is reached only through IIS. Set `promoteServerVars="REMOTE_ADDR"`.',
  proxyProtocol: 'none',
  healthChecks: 'none',
  sources: [
    {
      what: 'tjanczuk/iisnode src/iisnode/chttpprotocol.cpp (2018-09-21), src/config schema: enableXFF default false; cnodeprocess.cpp named pipe',
      confidence: 'source code',
      read: '2026-11-30',
    },
    { what: 'Azure/iisnode#26', confidence: 'observed by users', read: '2026-11-30' },
    {
      what: 'general knowledge, not looked up: x-iisnode-remote_addr via promoteServerVars (seen in a gist)',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
