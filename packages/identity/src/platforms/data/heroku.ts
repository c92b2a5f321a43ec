import type { Platform } from '../platform.js'

export const heroku: Platform = {
  id: 'heroku',
  name: 'Heroku',
  peer: 'private addresses 10.x (router)',
  peers: ['10.0.0.0/8'],
  rules: {
    'x-forwarded-for': [{ asserts: 'x-forwarded-for', original: ['proto', 'port'] }],
  },
  parameters: [{ name: 'from', required: false, says: 'in place of the platform’s own peers' }],
  ranges: undefined,
  writes: [{ name: 'x-forwarded-for', mode: 'append', form: 'client last, right side', note: '' }],
  scheme: 'X-Forwarded-Proto and -Port written; -Host passed',
  clientCanInfluence:
    'X-Forwarded-For entries to the left of the platform’s; X-Forwarded-Host, X-Forwarded-By and every other header (vendor: not trusted)',
  closesDirectAccess: 'Dynos are reached only through the router.',
  proxyProtocol: 'no',
  healthChecks: 'none (TCP port bind at boot)',
  sources: [
    {
      what: 'devcenter.heroku.com/articles/http-routing (appended to the right side)',
      confidence: 'documented by vendor',
      read: '2026-11-30',
    },
    {
      what: 'Heroku director of security quoted from stackoverflow 18517550: not overwritten, real address last',
      confidence: 'stated by maintainer',
      read: '2026-11-30',
    },
    {
      what: 'rohitpaulk.com render-rails-remote-ip: REMOTE_ADDR 10.1.45.23',
      confidence: 'observed by users',
      read: '2026-11-30',
    },
    {
      what: 'general knowledge, not looked up: health',
      confidence: 'only inferred',
      read: '2026-11-30',
    },
  ],
}
