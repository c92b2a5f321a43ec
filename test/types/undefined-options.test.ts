import { createServer } from 'node:http'
import { PassThrough } from 'node:stream'
import { defineAllowlist } from '@truehop/allowlist'
import { truehop } from '@truehop/express'
import { definePolicy, rangesFrom } from '@truehop/identity'
import { inspector } from '@truehop/inspector/express'
import { auditTrail } from '@truehop/log'
import { acceptProxyProtocol, decode, encode } from '@truehop/proxy-protocol'
import { RateLimiter } from '@truehop/rate-limit'
import { asClient } from '@truehop/testing'
import { describe, expect, test } from 'vitest'
import { AccessLog } from '../../packages/log/src/record/access-log.js'

const HEADER = {
  version: 2,
  command: 'LOCAL',
  family: 'UNSPEC',
  transport: 'UNSPEC',
  source: undefined,
  destination: undefined,
  tlvs: undefined,
} as const

/** An option that is written as undefined is one that was left out. */
describe('undefined stands for the default', () => {
  test('in a policy, its rules and its PROXY settings', () => {
    const rule = { from: ['10.0.0.0/8'], asserts: 'x-forwarded-for' }
    const settings = { maxHops: undefined, onConflict: undefined, unmap: undefined }
    const policy = definePolicy({
      hops: [
        {
          ...rule,
          name: undefined,
          custom: undefined,
          form: undefined,
          depth: undefined,
          required: undefined,
          original: undefined,
        },
        { platform: 'aws-alb', from: ['10.9.0.0/16'], header: undefined, name: undefined },
        { from: ['10.8.0.0/16'], asserts: 'proxy-protocol' },
      ],
      ...settings,
      proxyProtocol: {
        timeout: undefined,
        direct: undefined,
        optional: undefined,
        maxHeaders: undefined,
        maxHeaderBytes: undefined,
        crc32c: undefined,
        maxPending: undefined,
        maxPendingPerPeer: undefined,
        healthCheckFrom: undefined,
      },
    })
    const plain = definePolicy({
      hops: [
        rule,
        { platform: 'aws-alb', from: ['10.9.0.0/16'] },
        { from: ['10.8.0.0/16'], asserts: 'proxy-protocol' },
      ],
      proxyProtocol: {},
    })
    expect(policy.current).toEqual(plain.current)
    const { current } = definePolicy({ trust: ['any'], header: 'x-real-ip', ...settings })
    expect(current.hops).toHaveLength(1)
  })

  test('in live ranges', () => {
    const ranges = rangesFrom({
      file: new URL('../../README.md', import.meta.url).pathname,
      format: 'lines',
      name: undefined,
      select: undefined,
      refresh: undefined,
      minimum: undefined,
      maximumShrink: undefined,
      widest: { ipv4: undefined, ipv6: undefined },
      staleAfter: undefined,
      keep: undefined,
      initial: undefined,
    })
    ranges.ready.catch(() => {})
    expect(ranges.status().size).toBe(0)
    ranges.close()
  })

  test('in the receiver, and in what is encoded and decoded', () => {
    const server = createServer()
    const receiver = acceptProxyProtocol(server, {
      from: ['127.0.0.1'],
      direct: undefined,
      optional: undefined,
      healthCheckFrom: undefined,
      timeout: undefined,
      unsafeShortTimeout: undefined,
      maxHeaders: undefined,
      maxHeaderBytes: undefined,
      crc32c: undefined,
      maxPending: undefined,
      maxPendingPerPeer: undefined,
      onRefused: undefined,
    })
    expect(receiver.counters).toMatchObject({ accepted: 0 })
    receiver.close()
    const bytes = encode(HEADER, { crc32c: undefined })
    expect(decode(bytes, { maxHeaderBytes: undefined, crc32c: undefined })).toMatchObject({
      status: 'complete',
    })
  })

  test('in Express', () => {
    const middleware = truehop({
      trust: ['10.0.0.0/8'],
      header: 'x-forwarded-for',
      onUndetermined: undefined,
      compareWith: undefined,
      onDifference: undefined,
      logger: undefined,
    })
    expect(middleware.proxyProtocol).toEqual([])
  })

  test('in the consumers', async () => {
    const list = defineAllowlist({
      allow: undefined,
      deny: [],
      name: undefined,
      mode: undefined,
      status: undefined,
      body: undefined,
      maxRuntimeEntries: undefined,
      onRefused: undefined,
    })
    expect(list.add('deny', '203.0.113.9', { ttl: undefined, note: undefined })).toBe(true)
    await list.replace({ allow: undefined, deny: undefined })
    const log = new AccessLog({
      fields: undefined,
      address: undefined,
      keep: undefined,
      hmac: undefined,
      level: undefined,
      query: undefined,
      headers: undefined,
      conflicts: undefined,
      skip: undefined,
      span: undefined,
      destination: undefined,
    })
    expect(log.privacy.form).toBe('full')
    const trail = auditTrail({
      stream: new PassThrough().resume(),
      address: 'full',
      file: undefined,
      keep: undefined,
      hmac: undefined,
      keyFile: undefined,
      checkpoints: undefined,
      sinks: undefined,
      maxBytes: undefined,
      maxPending: undefined,
      maxPerSecond: undefined,
      after: undefined,
      anchor: undefined,
      onError: undefined,
    })
    await trail.close()
    expect(trail.head.seq).toBe(1)
    const limiter = new RateLimiter({
      limit: 1,
      window: 1,
      wider: undefined,
      ban: undefined,
      store: undefined,
      headers: undefined,
      onStoreError: undefined,
      deadline: undefined,
      maxKeys: undefined,
    })
    expect(limiter.quotas).toHaveLength(1)
    inspector({
      allow: ['loopback'],
      address: undefined,
      hosts: undefined,
      keep: undefined,
      maxViewers: undefined,
    }).close()
  })

  test('in the tests of a service', () => {
    const client = asClient('198.51.100.7', { policy: undefined, port: undefined })
    expect(client.headers).toEqual({})
  })
})
