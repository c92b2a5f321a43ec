import type { PairTarget } from '../configuration.js'
import { apache } from './apache.js'
import { aws } from './aws.js'
import { caddy } from './caddy.js'
import { envoy } from './envoy.js'
import { envoyGateway } from './envoy-gateway.js'
import { haproxy } from './haproxy.js'
import { hitch } from './hitch.js'
import { ingressNginx } from './ingress-nginx.js'
import { kgateway } from './kgateway.js'
import { loxilb } from './loxilb.js'
import { nginx } from './nginx.js'
import { stunnel } from './stunnel.js'
import { traefik } from './traefik.js'
import { varnish } from './varnish.js'

export const PAIR_TARGETS: readonly PairTarget[] = [
  haproxy,
  nginx,
  caddy,
  traefik,
  varnish,
  hitch,
  stunnel,
  apache,
  envoy,
  envoyGateway,
  kgateway,
  ingressNginx,
  aws,
  loxilb,
]
