import type { InteropPeer } from '../harness/peer.js'
import { apache } from './apache.js'
import { caddy, caddyUnstable } from './caddy.js'
import { curl } from './curl.js'
import { dovecot } from './dovecot.js'
import { exim } from './exim.js'
import { h2o } from './h2o.js'
import { haproxy, haproxyTrixie } from './haproxy.js'
import { hitch } from './hitch.js'
import { lighttpd } from './lighttpd.js'
import { nginx } from './nginx.js'
import { postfix } from './postfix.js'
import { socat } from './socat.js'
import { squid } from './squid.js'
import { stunnel } from './stunnel.js'
import { trafficserver } from './trafficserver.js'
import { varnish } from './varnish.js'

/** Every program of the matrix. A new one is a file here, and a line in test/peers/peers.json. */
export const PEERS: readonly InteropPeer[] = [
  apache,
  caddy,
  caddyUnstable,
  curl,
  dovecot,
  exim,
  h2o,
  haproxy,
  haproxyTrixie,
  hitch,
  lighttpd,
  nginx,
  postfix,
  socat,
  squid,
  stunnel,
  trafficserver,
  varnish,
]
