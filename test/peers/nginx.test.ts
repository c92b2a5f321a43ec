import { startNginx } from './harness/nginx.js'
import { freePort } from './harness/ports.js'
import { describeTopology } from './harness/topology.js'

/** nginx connects from 127.0.0.1; the clients come from other addresses of the loopback. */
const trust = ['127.0.0.1']

describeTopology({
  title: 'nginx that extends X-Forwarded-For',
  peers: ['nginx'],
  policy: { trust, header: 'x-forwarded-for' },
  expected: { source: 'x-forwarded-for', reason: 'first-untrusted', peer: '127.0.0.1' },
  async inFrontOf(app, own) {
    const port = await freePort()
    const http = `
server {
  listen 127.0.0.1:${port};
  location / {
    proxy_pass ${app.url};
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  }
}`
    own(await startNginx({ http }))
    return `http://127.0.0.1:${port}/`
  },
})

describeTopology({
  title: 'nginx that extends Forwarded',
  peers: ['nginx'],
  policy: { trust, header: 'forwarded' },
  expected: { source: 'forwarded', reason: 'first-untrusted', peer: '127.0.0.1' },
  async inFrontOf(app, own) {
    const port = await freePort()
    const http = `
map $http_forwarded $forwarded {
  ""      "for=$remote_addr;proto=$scheme";
  default "$http_forwarded, for=$remote_addr;proto=$scheme";
}
server {
  listen 127.0.0.1:${port};
  location / {
    proxy_pass ${app.url};
    proxy_set_header Forwarded $forwarded;
  }
}`
    own(await startNginx({ http }))
    return `http://127.0.0.1:${port}/`
  },
})

describeTopology({
  title: 'nginx stream with proxy_protocol on',
  peers: ['nginx'],
  policy: { hops: [{ from: trust, asserts: 'proxy-protocol' }] },
  expected: { source: 'proxy-protocol', reason: 'first-untrusted', peer: '127.0.0.1' },
  async inFrontOf(app, own) {
    const port = await freePort()
    const stream = `
server {
  listen 127.0.0.1:${port};
  proxy_pass 127.0.0.1:${app.port};
  proxy_protocol on;
}`
    own(await startNginx({ stream }))
    return `${app.scheme}://127.0.0.1:${port}/`
  },
})
