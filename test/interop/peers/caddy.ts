import type { InteropPeer } from '../harness/peer.js'

export const caddy: InteropPeer = {
  name: 'Caddy',
  programs: ['caddy'],
  version: ['version'],
  cannot: ['neither writes nor reads PROXY headers before 2.7, and Debian 12 and 13 have 2.6.2'],
}
