import { describe, expect, test } from 'vitest'
import { fileWriter, truehop } from './command-line.js'

const write = fileWriter()

const TRUST = ['10.0.0.0/8']
const proxy = { hops: [{ from: TRUST, asserts: 'proxy-protocol' }] }
const forwardedFor = { trust: TRUST, header: 'x-forwarded-for' }
const realIp = { trust: TRUST, header: 'x-real-ip' }
/** The hop's own `Forwarded` is believed where its `X-Forwarded-For` is read to its end. */
const both = {
  hops: [
    { from: TRUST, asserts: 'x-forwarded-for', original: [] },
    { from: TRUST, asserts: 'forwarded' },
  ],
}
const forOnly = { ...forwardedFor, original: [] }

async function check(policy: unknown, text: string, ...more: string[]) {
  const args = ['--policy', write('policy.json', policy), '--check', write('configuration', text)]
  const { code, out, err } = await truehop(['pair', ...args, '--json', ...more])
  if (code === 2) return { code, codes: [err], notUnderstood: [] }
  const { findings, notUnderstood, format } = JSON.parse(out)
  const codes: string[] = findings.map((one: { code: string }) => one.code)
  return { code, codes: [...new Set(codes)], notUnderstood, format }
}

const haproxy = (mode: string, server: string, ...rules: string[]) =>
  [
    'frontend web',
    `  mode ${mode}`,
    ...rules,
    '  default_backend app',
    'backend app',
    `  mode ${mode}`,
  ]
    .concat(`  server s 10.0.1.7:3000 ${server}`)
    .join('\n')

const nginx = (...lines: string[]) =>
  `http {\n  server {\n    listen 80;\n    location / {\n      proxy_pass http://10.0.1.7:3000;\n${lines.join('\n')}\n    }\n  }\n}\n`

const nginxStream = (switched: string) =>
  `stream {\n  upstream app { server 10.0.1.7:3000; }\n  server {\n    listen 80;\n    proxy_pass app;\n    proxy_protocol ${switched};\n  }\n}\n`

const caddy = (...lines: string[]) =>
  `example.com {\n  reverse_proxy 10.0.1.7:3000 {\n${lines.join('\n')}\n  }\n}\n`

/** Global options of a Caddyfile. */
const caddyListener = (...lines: string[]) =>
  `{\n  servers {\n    listener_wrappers {\n      proxy_protocol {\n${lines.join('\n')}\n      }\n      tls\n    }\n  }\n}\n`

const expectProxy = (from: string) =>
  `  tcp-request connection expect-proxy layer4 if { src ${from} }`

const apache = (...lines: string[]) =>
  `Listen 80\n<VirtualHost *:80>\n${lines.join('\n')}\nProxyPass "/" "http://10.0.1.7:3000/"\n</VirtualHost>\n`

const attributes = (...pairs: [string, string][]) =>
  JSON.stringify({ Attributes: pairs.map(([Key, Value]) => ({ Key, Value })) })

const loxilb = (value: string, more = '') => `apiVersion: v1
kind: Service
metadata:
  name: app
  annotations:
    loxilb.io/useproxyprotov2: "${value}"
${more}
spec: { type: LoadBalancer }
`

/** As Envoy's configuration of http_connection_manager has it. */
const envoy = (...manager: string[]) => `static_resources:
  listeners:
  - filter_chains:
    - filters:
      - typed_config:
${manager.map((line) => `          ${line}`).join('\n')}
          route_config:
            virtual_hosts:
            - routes: [{ route: { cluster: service } }]
  clusters:
  - name: service
    load_assignment:
      endpoints: [{ socket_address: { address: "127.0.0.1", port_value: 3000 } }]
`

/** One that reads PROXY headers before anything else. */
const envoyListener = envoy('use_remote_address: true').replace(
  '  - filter_chains:',
  `  - listener_filters:
    - typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
    filter_chains:`,
)

const httpListener = (settings: string) => `apiVersion: gateway.kgateway.dev/v1alpha1
kind: ListenerPolicy
metadata: { name: gateway }
spec:
  default:
    httpSettings: ${settings}
`

const clientTraffic = (headers: string, trusted = '') => `apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ClientTrafficPolicy
metadata: { name: app }
spec:
  headers:
    earlyRequestHeaders: { ${headers} }
${trusted}
`
const backend = (kind: string, spec: string) => `kind: ${kind}
metadata: { name: app }
spec:
  targetRefs: [{ kind: Service, name: app }]
  ${spec}
`
const traefikTcp = (version: string) =>
  `tcp:\n  services:\n    app:\n      loadBalancer:\n${version}        servers:\n        - address: 10.0.1.7:3000\n`
const traefikHttp = (entry: string, more = '') =>
  `entryPoints:\n  web:\n    address: ":80"\n    forwardedHeaders: { ${entry} }\n    ${more}\nhttp:\n  services:\n    app:\n      loadBalancer:\n        servers:\n        - url: http://10.0.1.7:3000/\n`
const ingress = (...data: string[]) =>
  `kind: ConfigMap\nmetadata: { name: c }\ndata:\n${data.map((line) => `  ${line}\n`).join('')}`

/** The controller's ConfigMap, and the one that it names. */
const ingressWith = (field: string) =>
  `${ingress('use-forwarded-headers: "false"', 'proxy-set-headers: "ns/fields"')}---
kind: ConfigMap
metadata: { name: fields, namespace: ns }
data: { ${field} }
`

const FOR = '  option forwardfor'
const NGINX_FOR = 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;'
const BARE = 'ProxyAddHeaders Off'
const APACHE_FOR = 'RequestHeader append X-Forwarded-For "expr=%{REMOTE_ADDR}"'
const APACHE_REAL_IP = 'RequestHeader set X-Real-IP "expr=%{REMOTE_ADDR}"'
const NO_HEADER = ['sends-no-header']
const UNEXPECTED = ['sends-unexpected-header']
const PASSES = ['passes-believed-header']
const TRUSTS = ['trusts-too-much']
const PLAIN_CHECK = ['check-without-header']

type Row = readonly [title: string, policy: unknown, text: string, codes: readonly string[]]

const ROWS: readonly Row[] = [
  ['haproxy sends and checks with a header', proxy, haproxy('tcp', 'send-proxy-v2 check'), []],
  ['haproxy sends none', proxy, haproxy('tcp', 'check port 8080'), [...NO_HEADER, ...PLAIN_CHECK]],
  [
    'haproxy checks another port without',
    proxy,
    haproxy('tcp', 'send-proxy check port 81'),
    PLAIN_CHECK,
  ],
  [
    'haproxy checks another port with',
    proxy,
    haproxy('tcp', 'send-proxy check port 81 check-send-proxy'),
    [],
  ],
  ['haproxy extends the list', forOnly, haproxy('http', 'check', FOR), []],
  ['haproxy sends a PROXY header too', forOnly, haproxy('http', 'send-proxy', FOR), UNEXPECTED],
  ['haproxy does not read HTTP', forOnly, haproxy('tcp', ''), NO_HEADER],
  ['haproxy writes no header', forOnly, haproxy('http', ''), PASSES],
  [
    'haproxy writes it only where there is none',
    forOnly,
    haproxy('http', '', `${FOR} if-none`),
    PASSES,
  ],
  [
    'haproxy deletes the header',
    forOnly,
    haproxy('http', '', '  http-request del-header X-Forwarded-For'),
    NO_HEADER,
  ],
  [
    'haproxy extends a single address',
    { ...realIp, original: [] },
    haproxy('http', '', '  http-request add-header X-Real-IP %[src]'),
    PASSES,
  ],
  [
    'haproxy sets a single address',
    { ...realIp, original: [] },
    haproxy('http', '', '  http-request set-header X-Real-IP %[src]'),
    [],
  ],
  ['haproxy passes Forwarded on', both, haproxy('http', '', FOR), PASSES],
  [
    'haproxy clears Forwarded',
    both,
    haproxy('http', '', FOR, '  http-request del-header Forwarded'),
    [],
  ],
  [
    'haproxy passes X-Forwarded-Host on',
    { ...forwardedFor, original: ['host'] },
    haproxy('http', '', FOR),
    PASSES,
  ],
  ['nginx stream sends a header', proxy, nginxStream('on'), []],
  ['nginx stream sends none', proxy, nginxStream('off'), NO_HEADER],
  [
    'nginx stream sends one to a port that expects none',
    forOnly,
    nginxStream('on'),
    [...UNEXPECTED, ...NO_HEADER],
  ],
  ['nginx extends the list', forOnly, nginx(NGINX_FOR), []],
  ['nginx writes no header', forOnly, nginx(), PASSES],
  [
    'nginx passes the header on by name',
    forOnly,
    nginx('proxy_set_header X-Forwarded-For $http_x_forwarded_for;'),
    PASSES,
  ],
  ['nginx empties the header', forOnly, nginx('proxy_set_header X-Forwarded-For "";'), NO_HEADER],
  [
    'nginx loses the outer fields to its own',
    forOnly,
    nginx('proxy_set_header Host $host;').replace('listen 80;', `listen 80; ${NGINX_FOR}`),
    PASSES,
  ],
  ['nginx passes Forwarded on', both, nginx(NGINX_FOR), PASSES],
  ['nginx clears Forwarded', both, nginx(NGINX_FOR, 'proxy_set_header Forwarded "";'), []],
  [
    'nginx takes addresses from everybody',
    forOnly,
    nginx(NGINX_FOR, 'set_real_ip_from 0.0.0.0/0;'),
    TRUSTS,
  ],
  [
    'nginx takes addresses from further hops',
    forOnly,
    nginx(NGINX_FOR, 'set_real_ip_from 10.1.0.0/16;'),
    [],
  ],
  ['Apache extends the list by itself', forOnly, apache(), []],
  ['Apache extends the list as it is told', forOnly, apache(BARE, APACHE_FOR), []],
  ['Apache writes no header', forOnly, apache(BARE), PASSES],
  [
    'Apache extends it for clients over IPv4 only',
    forOnly,
    apache(BARE, `${APACHE_FOR} "expr=%{REMOTE_ADDR} !~ /:/"`),
    PASSES,
  ],
  [
    'Apache removes the header behind what it added',
    forOnly,
    apache(BARE, APACHE_FOR, 'RequestHeader unset X-Forwarded-For'),
    NO_HEADER,
  ],
  [
    'Apache writes it only where there is none',
    forOnly,
    apache(BARE, 'RequestHeader setifempty X-Forwarded-For "expr=%{REMOTE_ADDR}"'),
    PASSES,
  ],
  [
    "Apache repeats a client's header",
    { ...realIp, original: [] },
    apache('RequestHeader set X-Real-IP "expr=%{HTTP:X-Client}"'),
    PASSES,
  ],
  [
    'Apache repeats a variable that something set',
    { ...realIp, original: [] },
    apache('RequestHeader set X-Real-IP "%{CLIENT}e"'),
    PASSES,
  ],
  ['Apache sets a single address', { ...realIp, original: [] }, apache(APACHE_REAL_IP), []],
  [
    'Apache extends a single address',
    { ...realIp, original: [] },
    apache('RequestHeader add X-Real-IP "expr=%{REMOTE_ADDR}"'),
    PASSES,
  ],
  [
    'Apache sets it where the request goes through',
    { ...realIp, original: [] },
    apache('<Location "/">', APACHE_REAL_IP, '</Location>'),
    [],
  ],
  [
    'Apache sets it in another place',
    { ...realIp, original: [] },
    apache('<Location "/status">', APACHE_REAL_IP, '</Location>'),
    PASSES,
  ],
  ['Apache passes Forwarded on', both, apache(), PASSES],
  ['Apache clears Forwarded', both, apache('RequestHeader unset Forwarded early'), []],
  [
    'Apache clears Forwarded of all but a further hop',
    both,
    apache(`RequestHeader unset Forwarded "expr=!(-R '10.1.0.0/16' || -R '10.2.0.0/16')"`),
    [],
  ],
  [
    'Apache clears Forwarded of a further hop only',
    both,
    apache(`RequestHeader unset Forwarded "expr=-R '10.1.0.0/16'"`),
    PASSES,
  ],
  [
    'Apache extends X-Forwarded-Host by itself',
    { ...forwardedFor, original: ['host'] },
    apache(),
    PASSES,
  ],
  ['Apache believes whoever connects', forOnly, apache('RemoteIPHeader X-Forwarded-For'), TRUSTS],
  [
    'Apache believes more than further hops',
    forOnly,
    apache('RemoteIPHeader X-Forwarded-For', 'RemoteIPInternalProxy 10.1.0.0/16 192.0.2.0/24'),
    TRUSTS,
  ],
  [
    'Apache believes further hops',
    forOnly,
    apache('RemoteIPHeader X-Forwarded-For', 'RemoteIPTrustedProxy 10.1.0.0/16'),
    [],
  ],
  ['Apache sends no PROXY header', proxy, apache(), NO_HEADER],
  ['Caddy sends the list', forOnly, caddy(), []],
  [
    'Caddy passes the header on by name',
    forOnly,
    caddy('    header_up X-Forwarded-For {header.X-Forwarded-For}'),
    PASSES,
  ],
  ['Caddy removes the header', forOnly, caddy('    header_up -X-Forwarded-For'), NO_HEADER],
  ['Caddy passes Forwarded on', both, caddy(), PASSES],
  ['Caddy clears Forwarded', both, caddy('    header_up -Forwarded'), []],
  ['Caddy trusts everybody', forOnly, caddy('    trusted_proxies 0.0.0.0/0'), TRUSTS],
  [
    'Caddy takes PROXY headers of nobody by default',
    forOnly,
    caddyListener('timeout 2s') + caddy(),
    [],
  ],
  [
    'Caddy takes PROXY headers from further hops',
    forOnly,
    caddyListener('allow 10.1.0.0/16') + caddy(),
    [],
  ],
  [
    'Caddy takes PROXY headers from others',
    forOnly,
    caddyListener('allow 10.1.0.0/16 192.0.2.0/24') + caddy(),
    TRUSTS,
  ],
  ...['use', 'REQUIRE'].map(
    (fallback): Row => [
      `Caddy takes PROXY headers from whom it does not know: ${fallback}`,
      forOnly,
      caddyListener('allow 10.1.0.0/16', `fallback_policy ${fallback}`) + caddy(),
      TRUSTS,
    ],
  ),
  [
    'HAProxy expects PROXY headers of further hops',
    forOnly,
    haproxy('http', '', FOR, expectProxy('10.1.0.0/16')),
    [],
  ],
  [
    'HAProxy expects PROXY headers of others',
    forOnly,
    haproxy('http', '', FOR, expectProxy('10.1.0.0/16 192.0.2.1')),
    TRUSTS,
  ],
  [
    'ingress-nginx takes PROXY headers from everybody',
    forOnly,
    ingress('use-proxy-protocol: "true"'),
    TRUSTS,
  ],
  [
    'ingress-nginx takes PROXY headers from further hops',
    forOnly,
    ingress('use-proxy-protocol: "true"', 'proxy-real-ip-cidr: 10.1.0.0/16'),
    [],
  ],
  [
    'Caddy sends a PROXY header to a port that expects none',
    forOnly,
    caddy('transport http {', 'proxy_protocol v2', '}'),
    UNEXPECTED,
  ],
  ['Caddy sends a PROXY header', proxy, caddy('transport http {', 'proxy_protocol v2', '}'), []],
  ['Caddy sends none', proxy, caddy(), NO_HEADER],
  [
    'Caddy checks by itself',
    proxy,
    caddy('health_uri /', 'transport http {', 'proxy_protocol v2', '}'),
    PLAIN_CHECK,
  ],
  ['Envoy extends the list', forOnly, envoy('use_remote_address: true'), []],
  ['Envoy is not asked to write the list', forOnly, envoy('stat_prefix: a'), PASSES],
  ['Envoy is asked not to', forOnly, envoy('use_remote_address: false'), PASSES],
  [
    'Envoy is asked to leave the list alone',
    forOnly,
    envoy('use_remote_address: true', 'skip_xff_append: true'),
    PASSES,
  ],
  [
    'Envoy passes the scheme on',
    { ...realIp, original: ['proto'] },
    envoy(
      'request_headers_to_add: [{ header: { key: X-Real-IP }, append_action: OVERWRITE_IF_EXISTS_OR_ADD }]',
    ),
    PASSES,
  ],
  ['kgateway writes the list', forOnly, httpListener('{ useRemoteAddress: true }'), []],
  ['kgateway is asked not to', forOnly, httpListener('{ useRemoteAddress: false }'), PASSES],
  ['a target group with the header', proxy, attributes(['proxy_protocol_v2.enabled', 'true']), []],
  ['a target group without', proxy, attributes(['proxy_protocol_v2.enabled', 'false']), NO_HEADER],
  [
    'a target group whose service expects none',
    forOnly,
    attributes(['proxy_protocol_v2.enabled', 'true']),
    [...UNEXPECTED, ...NO_HEADER],
  ],
  [
    'a load balancer that appends',
    forOnly,
    attributes(['routing.http.xff_header_processing.mode', 'append']),
    [],
  ],
  [
    'a load balancer that preserves',
    forOnly,
    attributes(['routing.http.xff_header_processing.mode', 'preserve']),
    PASSES,
  ],
  [
    'a load balancer that removes',
    forOnly,
    attributes(['routing.http.xff_header_processing.mode', 'remove']),
    NO_HEADER,
  ],
  ['LoxiLB with the header', proxy, loxilb('yes'), []],
  ['LoxiLB without', proxy, loxilb('no'), NO_HEADER],
  [
    'LoxiLB probes without',
    proxy,
    loxilb('yes', '    loxilb.io/liveness: "yes"\n    loxilb.io/probetype: "http"'),
    PLAIN_CHECK,
  ],
  ['LoxiLB before a port that expects none', forOnly, loxilb('yes'), [...UNEXPECTED, ...NO_HEADER]],
  [
    'Envoy Gateway sends a header',
    proxy,
    backend('BackendTrafficPolicy', 'proxyProtocol: { version: V2 }'),
    [],
  ],
  ['Envoy Gateway sends none', proxy, backend('BackendTrafficPolicy', 'timeout: {}'), NO_HEADER],
  [
    'kgateway sends a header',
    proxy,
    backend('BackendConfigPolicy', 'upstreamProxyProtocol: { version: V2 }'),
    [],
  ],
  ['kgateway sends none', proxy, backend('BackendConfigPolicy', 'connectTimeout: 5s'), NO_HEADER],
  [
    'kgateway sends one to a port that expects none',
    forOnly,
    backend('BackendConfigPolicy', 'upstreamProxyProtocol: { version: V2 }'),
    [...UNEXPECTED, ...NO_HEADER],
  ],
  ['Envoy Gateway clears Forwarded', both, clientTraffic('remove: [Forwarded]'), []],
  ['Envoy Gateway passes Forwarded on', both, clientTraffic('set: []'), PASSES],
  [
    'Envoy Gateway writes no single address',
    { ...realIp, original: [] },
    clientTraffic('remove: [Forwarded]'),
    PASSES,
  ],
  [
    'Envoy Gateway trusts everybody',
    both,
    clientTraffic(
      'remove: [Forwarded]',
      '  clientIPDetection:\n    xForwardedFor: { trustedCIDRs: ["0.0.0.0/0"] }',
    ),
    TRUSTS,
  ],
  ['Traefik sends a header', proxy, traefikTcp('        proxyProtocol: { version: 2 }\n'), []],
  ['Traefik sends none', proxy, traefikTcp(''), NO_HEADER],
  ['Traefik keeps the list of further hops', forOnly, traefikHttp('trustedIPs: [10.1.0.0/16]'), []],
  ['Traefik keeps the list of everybody', forOnly, traefikHttp('insecure: true'), TRUSTS],
  [
    'Traefik takes PROXY headers from everybody',
    forOnly,
    traefikHttp('', 'proxyProtocol: { insecure: true }'),
    TRUSTS,
  ],
  [
    'Traefik takes PROXY headers from further hops',
    forOnly,
    traefikHttp('', 'proxyProtocol: { trustedIPs: [10.1.0.0/16] }'),
    [],
  ],
  [
    'Traefik takes PROXY headers from others',
    forOnly,
    traefikHttp('', 'proxyProtocol: { trustedIPs: [192.0.2.0/24] }'),
    TRUSTS,
  ],
  ['Traefik passes Forwarded on', both, traefikHttp(''), PASSES],
  ['ingress-nginx starts a list', forOnly, ingress('use-forwarded-headers: "false"'), []],
  ['ingress-nginx believes everybody', forOnly, ingress('use-forwarded-headers: "true"'), TRUSTS],
  [
    'ingress-nginx believes further hops',
    forOnly,
    ingress('use-forwarded-headers: "true"', 'proxy-real-ip-cidr: "10.1.0.0/16"'),
    [],
  ],
  // Its own code takes the scheme from the header whoever connects, if it takes headers at all.
  [
    'ingress-nginx passes the scheme on',
    forwardedFor,
    ingress('use-forwarded-headers: "true"', 'proxy-real-ip-cidr: "10.1.0.0/16"'),
    PASSES,
  ],
  [
    'ingress-nginx writes the scheme itself',
    forwardedFor,
    ingress('use-forwarded-headers: "false"'),
    [],
  ],
  ['ingress-nginx clears Forwarded', both, ingressWith('Forwarded: ""'), []],
  ['ingress-nginx passes Forwarded on', both, ingressWith('X-Other: a'), PASSES],
  [
    'ingress-nginx names a ConfigMap that is elsewhere',
    both,
    ingress('use-forwarded-headers: "false"', 'proxy-set-headers: "ns/fields"'),
    PASSES,
  ],
  [
    'ingress-nginx writes a single address',
    { trust: TRUST, header: 'cf-connecting-ip', original: [] },
    ingressWith('CF-Connecting-IP: $remote_addr'),
    [],
  ],
  [
    "ingress-nginx repeats a client's header",
    { trust: TRUST, header: 'cf-connecting-ip', original: [] },
    ingressWith('CF-Connecting-IP: $http_x_client'),
    PASSES,
  ],
  [
    "haproxy repeats a client's header",
    realIp,
    haproxy('http', '', '  http-request set-header X-Real-IP %[req.hdr(X-Client)]'),
    PASSES,
  ],
  [
    "haproxy repeats a client's header in a list",
    forOnly,
    haproxy('http', '', '  http-request set-header X-Forwarded-For %[req.hdr(X-Client)],%[src]'),
    PASSES,
  ],
  ['ingress-nginx sends a header', proxy, ingress('"80": default/app:3000::PROXY'), []],
  ['ingress-nginx sends none', proxy, ingress('"80": default/app:3000'), NO_HEADER],
]

describe('pair --check', () => {
  test.each(ROWS)('%s', async (_, policy, text, codes) => {
    expect(await check(policy, text)).toMatchObject({ codes, code: codes.length > 0 ? 1 : 0 })
  })

  test('only the way to --upstream counts, and there has to be one', async () => {
    const text = `${haproxy('tcp', 'send-proxy-v2')}\nbackend other\n  server o 10.0.1.9:80\n`
    expect((await check(proxy, text)).codes).toEqual(NO_HEADER)
    expect((await check(proxy, text, '--upstream', '10.0.1.7:3000')).codes).toEqual([])
    const nowhere = await check(proxy, text, '--upstream', '10.0.1.8:3000')
    expect(nowhere.codes).toEqual(['no-such-upstream'])
  })

  test('what may change a request and is not read is named', async () => {
    const rule = '  http-request set-header X-Forwarded-For %[src] if { hdr(host) -i a.example }'
    const read = await check(forOnly, haproxy('http', '', rule, FOR))
    expect(read.notUnderstood).toMatchObject([{ place: '3' }])
    const included = nginx(NGINX_FOR, 'include snippets/*.conf;')
    expect((await check(forOnly, included)).notUnderstood).toMatchObject([{ place: '7' }])
  })

  test.each([
    ['a file that is included', 'IncludeOptional conf.d/*.conf'],
    ['a condition on the request', 'RequestHeader unset Forwarded env=known'],
    ['a header that is edited', 'RequestHeader edit Forwarded "a" "b"'],
    ['PROXY headers of whoever connects', 'RemoteIPProxyProtocol On'],
    ['a list in a file', 'RemoteIPTrustedProxyList conf/proxies.lst'],
    ['a rewrite that proxies', 'RewriteRule "^/a/(.*)" "http://10.0.1.8/$1" [L,P]'],
    ['a section that goes by the request', `<If "-n req('A')">\n${APACHE_FOR}\n</If>`],
    ['a section that goes by a pattern', `<LocationMatch "^/a">\n${APACHE_FOR}\n</LocationMatch>`],
  ])('of an httpd.conf, too: %s', async (_, line) => {
    const read = await check(forOnly, apache(line))
    expect(read).toMatchObject({ codes: [], notUnderstood: [{ place: '3' }], format: 'httpd.conf' })
  })

  test.each<[string, string, string]>([
    ['HAProxy', haproxy('http', '', FOR, '  bind :80 accept-proxy'), '4'],
    [
      'HAProxy by a rule without an address',
      haproxy('http', '', FOR, '  tcp-request connection expect-proxy layer4'),
      '4',
    ],
    ['nginx', nginx('proxy_set_header X-Forwarded-For $proxy_protocol_addr;'), '6'],
    [
      'nginx through a map',
      `http {\nmap $proxy_protocol_addr $client { default $proxy_protocol_addr; }\n${nginx(NGINX_FOR)}}\n`,
      '2',
    ],
    ['Envoy', envoyListener, '1'],
    ['Envoy Gateway', clientTraffic('', '  enableProxyProtocol: true'), '1'],
  ])('a port that takes PROXY headers of whoever connects is named: %s', async (_, text, place) => {
    const { notUnderstood } = await check(forOnly, text)
    expect(notUnderstood).toMatchObject([{ place }])
  })

  test('a switch that is off is not named', async () => {
    const off = await check(forOnly, apache('RemoteIPProxyProtocol Off'))
    expect(off.notUnderstood).toEqual([])
  })

  test('of an httpd.conf, each member of a balancer counts', async () => {
    const members = ['10.0.1.7:3000', '10.0.1.8'].map((to) => `BalancerMember "http://${to}"`)
    const proxy = `<Proxy "balancer://app">\n${members.join('\n')}\n</Proxy>\n`
    const text = `${proxy}<VirtualHost *:80>\n${BARE}\nProxyPass / balancer://app/\n</VirtualHost>`
    for (const upstream of ['10.0.1.7:3000', '10.0.1.8:80']) {
      expect((await check(forOnly, text, '--upstream', upstream)).codes).toEqual(PASSES)
    }
    expect((await check(forOnly, text, '--upstream', '10.0.1.9:80')).codes).toEqual([
      'no-such-upstream',
    ])
  })

  test.each<[string, string]>([
    ['haproxy.cfg', haproxy('http', '', FOR, '  http-request set-header A "b')],
    ['a Caddyfile whose block does not end', caddy().replace(/\}\n\}\n$/, '}\n')],
    [
      'a ConfigMap of ingress-nginx that names another',
      ingress('use-forwarded-headers: "false"', 'proxy-set-headers: "ns/fields"'),
    ],
    ['YAML with a tag that nobody knows', ingress('use-forwarded-headers: !no "false"')],
    ['a Caddyfile with a half quote', caddy().replace('{', '{\n  header A "b')],
  ])('what of %s cannot be read is named', async (_, text) => {
    const read = await check(forOnly, text)
    expect(read).toMatchObject({ code: 0, notUnderstood: [{ place: expect.any(String) }] })
  })

  test('a text in no known format is wrong usage', async () => {
    expect(await check(proxy, 'hello')).toMatchObject({ code: 2 })
    expect(await check(proxy, 'http {')).toMatchObject({ code: 2 })
    expect(await check(proxy, '<VirtualHost *>')).toMatchObject({ code: 2 })
    expect(await check(proxy, '<VirtualHost *>\n</Location>')).toMatchObject({ code: 2 })
    expect(await check(proxy, 'a: [')).toMatchObject({ code: 2 })
  })
})

/** Written for one policy, read back for it. */
describe('what pair writes for programs that Debian does not have', () => {
  const policies = { proxy, forwardedFor, realIp, both }
  const targets = ['envoy', 'envoy-gateway', 'kgateway', 'traefik', 'ingress-nginx', 'loxilb']
  const rows = targets.flatMap((target) =>
    Object.entries(policies).map(([name, policy]) => [target, name, policy] as const),
  )

  test.each(rows)('%s for %s agrees with the policy', async (target, name, policy) => {
    const file = write('policy.json', policy)
    const args = ['pair', '--policy', file, '--target', target, '--json']
    const { code, out, err } = await truehop(args)
    if (target === 'loxilb' && name !== 'proxy') {
      expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('cannot send') })
      return
    }
    expect(code).toBe(0)
    const { text } = JSON.parse(out)
    // With further hops it takes the scheme from anybody, as docs/pair.md says.
    const codes = target === 'ingress-nginx' && name === 'forwardedFor' ? PASSES : []
    const checked = await check(policy, text)
    expect(checked).toMatchObject({ codes, code: codes.length, format: 'YAML', notUnderstood: [] })
  })
})
