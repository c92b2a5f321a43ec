/**
 * What readers type for what a page, or a part of one, is about, where it calls that something else
 * or other pages say the word more often. By address on the site.
 */
export const WORDS: Readonly<Record<string, readonly string[]>> = {
  '/#quick-start-fastify': [
    ...['install', 'installation', 'npm install', 'quick start', 'get started', 'getting started'],
    ...['setup', 'fastify'],
  ],
  '/#quick-start-express': ['express', 'express 5'],
  '/platforms/': [
    ...['load balancer', 'reverse proxy', 'behind a proxy', 'cdn', 'aws', 'azure', 'gcp'],
    ...['google cloud', 'cloud'],
  ],
  '/policy': ['x-forwarded-for', 'forwarded header', 'client ip', 'hops', 'cidr'],
  '/troubleshooting#every-client-has-the-same-address': [
    ...['wrong ip', 'wrong address', 'wrong client', 'same ip', 'same address', 'real ip'],
    ...['x-real-ip', 'proxy ip', '127.0.0.1'],
  ],
  '/troubleshooting#every-request-gets-400': ['400', 'bad request'],
  '/troubleshooting#empty-reply-or-the-connection-is-reset': [
    ...['econnreset', 'socket hang up', 'connection reset', '502', 'bad gateway'],
  ],
  '/troubleshooting#cookies-lost-secure-or-reqprotocol-is-http': [
    ...['http instead of https', 'wrong scheme', 'x-forwarded-proto', 'mixed content'],
  ],
  '/troubleshooting#health-checks-fail': ['health check', 'health checks', 'healthcheck'],
  '/errors': ['error code', 'error codes', 'error message'],
  '/errors#undetermined-identities': ['undetermined', 'unknown client'],
  '/migration': ['migrate', 'migration', 'req.ips'],
  '/rate-limit': ['rate limit', 'rate limiting', 'rate limiter', 'throttle', 'brute force'],
  '/rate-limit#responses': ['429', 'too many requests', 'retry-after'],
  '/rate-limit#redis-and-valkey': ['redis', 'valkey'],
  '/rate-limit#what-is-counted': ['ipv6 prefix', '64'],
  '/rate-limit#looking-resetting-blocking': ['reset limit', 'unblock', 'reset a limit'],
  '/allowlist': [
    ...['allowlist', 'allow list', 'whitelist', 'blacklist', 'denylist', 'deny list', 'blocklist'],
    ...['ban', 'ban ip', 'block ip', 'block an ip', 'ip filter', '403', 'forbidden'],
  ],
  '/allowlist#entries-that-instances-share': ['ban everywhere', 'shared list', 'unban'],
  '/allowlist#countries-and-networks': ['country', 'geoip', 'maxmind', 'asn'],
  '/logging#privacy': ['gdpr', 'anonymize', 'anonymise', 'personal data', 'privacy'],
  '/security': ['security', 'spoof', 'spoofing', 'spoofed', 'forge', 'forged', 'fake ip'],
  '/running#kubernetes': ['helm', 'k8s', 'kubectl', 'deployment'],
  '/running#sighup': ['reload', 'hot reload', 'reload policy'],
  '/metrics#prometheus': ['grafana', 'dashboard', 'alerts', 'alertmanager'],
  '/cli': ['cli', 'truehop command', 'npx truehop'],
  '/loading': ['webpack', 'esbuild', 'rollup', 'deno', 'bun', 'bundle'],
  '/testing-your-service': ['test', 'unit test', 'mock ip', 'vitest'],
  '/benchmarks': ['performance', 'overhead', 'latency', 'how fast'],
  '/topologies/unix-socket': ['unix socket', 'unix domain socket'],
}

/**
 * The words for an address, one a line; none for most. Those of a page are those of its first
 * section, `isTop`.
 */
export function wordsFor(address: string, isTop: boolean): string {
  const page = address.replace(/#.*/, '')
  return (WORDS[address] ?? (isTop ? WORDS[page] : undefined) ?? []).join('\n')
}
