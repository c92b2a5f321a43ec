import type { InteropPeer } from '../harness/peer.js'

export const exim: InteropPeer = {
  name: 'Exim',
  programs: [],
  version: [],
  cannot: ['its packages and those of Postfix exclude each other on one machine'],
}
