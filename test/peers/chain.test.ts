import { startHaproxy } from './harness/haproxy.js'
import { startNginx } from './harness/nginx.js'
import { freePort } from './harness/ports.js'
import { describeTopology } from './harness/topology.js'

/** Each proxy connects from an address of its own, so that no rule of a policy fits two of them. */
const HAPROXY = '127.0.0.11'
const NGINX = '127.0.0.12'
const NGINX_STREAM = '127.0.0.13'

/** An HTTP hop that adds its peer to X-Forwarded-For. */
const edge = (port: number, to: string): string => `
server {
  listen 127.0.0.1:${port};
  location / {
    proxy_pass ${to};
    proxy_bind ${NGINX};
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  }
}`

describeTopology({
  title:
    'HAProxy TCP in front of nginx HTTP: the PROXY header ends at nginx, which sends X-Forwarded-For',
  peers: ['haproxy', 'nginx'],
  policy: { trust: [NGINX], header: 'x-forwarded-for' },
  expected: { source: 'x-forwarded-for', reason: 'first-untrusted', peer: NGINX },
  async inFrontOf(app, own) {
    const port = await freePort()
    const http = `
server {
  listen 127.0.0.1:${port} proxy_protocol;
  set_real_ip_from ${HAPROXY};
  real_ip_header proxy_protocol;
  location / {
    proxy_pass ${app.url};
    proxy_bind ${NGINX};
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  }
}`
    own(await startNginx({ http }))
    const server = `send-proxy source ${HAPROXY}`
    const { ports } = own(await startHaproxy({ client: { mode: 'tcp', to: port, server } }))
    return `http://127.0.0.1:${ports.client}/`
  },
})

describeTopology({
  title: 'HAProxy TCP in front of nginx HTTP: both addresses in X-Forwarded-For',
  peers: ['haproxy', 'nginx'],
  policy: { trust: [NGINX, HAPROXY], header: 'x-forwarded-for' },
  expected: { source: 'x-forwarded-for', reason: 'first-untrusted', peer: NGINX },
  async inFrontOf(app, own) {
    const port = await freePort()
    const http = `
server {
  listen 127.0.0.1:${port} proxy_protocol;
  location / {
    proxy_pass ${app.url};
    proxy_bind ${NGINX};
    proxy_set_header X-Forwarded-For "$http_x_forwarded_for, $proxy_protocol_addr, $remote_addr";
  }
}`
    own(await startNginx({ http }))
    const server = `send-proxy-v2 source ${HAPROXY}`
    const { ports } = own(await startHaproxy({ client: { mode: 'tcp', to: port, server } }))
    return `http://127.0.0.1:${ports.client}/`
  },
})

describeTopology({
  title:
    'nginx HTTP in front of HAProxy TCP: X-Forwarded-For inside a connection with a PROXY header',
  peers: ['haproxy', 'nginx'],
  policy: {
    hops: [
      { name: 'balancer', from: [HAPROXY], asserts: 'proxy-protocol' },
      { name: 'edge', from: [NGINX], asserts: 'x-forwarded-for' },
    ],
  },
  expected: { source: 'x-forwarded-for', reason: 'first-untrusted', peer: HAPROXY },
  async inFrontOf(app, own) {
    const server = `send-proxy-v2 source ${HAPROXY}`
    const { ports } = own(await startHaproxy({ nginx: { mode: 'tcp', to: app.port, server } }))
    const port = await freePort()
    own(await startNginx({ http: edge(port, `${app.scheme}://127.0.0.1:${ports.nginx}`) }))
    return `http://127.0.0.1:${port}/`
  },
})

describeTopology({
  title:
    'nginx HTTP in front of nginx stream: X-Forwarded-For inside a connection with a PROXY header',
  peers: ['nginx'],
  policy: {
    hops: [
      { name: 'balancer', from: [NGINX_STREAM], asserts: 'proxy-protocol' },
      { name: 'edge', from: [NGINX], asserts: 'x-forwarded-for' },
    ],
  },
  expected: { source: 'x-forwarded-for', reason: 'first-untrusted', peer: NGINX_STREAM },
  async inFrontOf(app, own) {
    const inner = await freePort()
    const outer = await freePort()
    const stream = `
server {
  listen 127.0.0.1:${inner};
  proxy_pass 127.0.0.1:${app.port};
  proxy_bind ${NGINX_STREAM};
  proxy_protocol on;
}`
    own(await startNginx({ stream, http: edge(outer, `${app.scheme}://127.0.0.1:${inner}`) }))
    return `http://127.0.0.1:${outer}/`
  },
})

describeTopology({
  title: 'HAProxy HTTP that sends X-Forwarded-For and a PROXY header',
  peers: ['haproxy'],
  policy: {
    hops: [
      { name: 'balancer', from: [HAPROXY], asserts: 'proxy-protocol' },
      { name: 'edge', from: [HAPROXY], asserts: 'x-forwarded-for' },
    ],
  },
  expected: { source: 'proxy-protocol', reason: 'first-untrusted', peer: HAPROXY },
  async inFrontOf(app, own) {
    const tls = app.scheme === 'https' ? 'ssl verify none' : ''
    const server = `send-proxy-v2 source ${HAPROXY} ${tls}`
    const lines = ['option forwardfor']
    const route = { mode: 'http', to: app.port, server, lines } as const
    const { ports } = own(await startHaproxy({ client: route }))
    return `http://127.0.0.1:${ports.client}/`
  },
})
