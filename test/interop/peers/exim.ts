import type { InteropPeer } from '../harness/peer.js'

export const exim: InteropPeer = {
  name: 'Exim',
  programs: [],
  version: [],
  cannot: [
    'only exim4-daemon-heavy reads PROXY headers, and it cannot be installed next to Postfix',
  ],
}
