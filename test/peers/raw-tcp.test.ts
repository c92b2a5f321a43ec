import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startExample } from './harness/example.js'
import { type Haproxy, startHaproxy } from './harness/haproxy.js'
import { type LineClient, lineClient } from './harness/line-client.js'
import { describeWithPeers } from './harness/peer.js'
import { stopAfterAll } from './harness/service.js'
import { type Passed, startTap, type Tap } from './harness/tap.js'

const CLIENT = '127.0.0.9'
const OTHER = '127.0.0.10'
const VERSIONS = [['v1'], ['v2']] as const

/** HAProxy in TCP mode, with both versions, in front of one service. */
async function bothVersions(to: number): Promise<Haproxy<'v1' | 'v2'>> {
  return startHaproxy({
    v1: { mode: 'tcp', to, server: 'send-proxy' },
    v2: { mode: 'tcp', to, server: 'send-proxy-v2' },
  })
}

async function connected(port: number, from: string): Promise<LineClient> {
  const client = await lineClient(port, from)
  onTestFinished(() => client.end())
  return client
}

describeWithPeers(['haproxy'], 'a service of lines behind HAProxy', () => {
  const own = stopAfterAll()
  let ports: Haproxy<'v1' | 'v2'>['ports']
  let direct: number

  beforeAll(async () => {
    const service = own(await startExample('tcp-lines'))
    direct = service.port
    ports = own(await bothVersions(service.port)).ports
  })

  test.each(VERSIONS)('sees the client of each connection, %s', async (version) => {
    const [one, two] = await Promise.all([
      connected(ports[version], CLIENT),
      connected(ports[version], OTHER),
    ])
    one.say('hello\r\nagain')
    two.say('PROXY TCP4 203.0.113.99 198.51.100.1 1 2')
    expect(await one.hear()).toBe(`${CLIENT} chain-exhausted hello`)
    expect(await one.hear()).toBe(`${CLIENT} chain-exhausted again`)
    // A header behind the header is a line like any other.
    expect(await two.hear()).toMatch(`${OTHER} chain-exhausted PROXY TCP4 203.0.113.99 `)
  })

  test('answers nothing to a peer that sends no header', async () => {
    const client = await connected(direct, CLIENT)
    client.say('hello')
    await expect(client.hear()).rejects.toThrow(/ended after ""|ECONNRESET/)
  })

  test('ends a connection whose line has no end', async () => {
    const client = await connected(ports.v2, CLIENT)
    client.send('x'.repeat(2000))
    expect(await client.hear()).toBe('that line is too long')
    await expect(client.hear()).rejects.toThrow(/ended after ""|ECONNRESET/)
  })
})

describeWithPeers(['haproxy'], 'a mail server behind HAProxy', () => {
  const own = stopAfterAll()
  let ports: Haproxy<'v1' | 'v2'>['ports']
  let tap: Tap

  beforeAll(async () => {
    const service = own(await startExample('smtp'))
    tap = own(await startTap(service.port))
    ports = own(await bothVersions(tap.port)).ports
  })

  describe.each(VERSIONS)('%s', (version) => {
    test('takes a message from the client that HAProxy names', async () => {
      const client = await connected(ports[version], CLIENT)
      expect(await client.hear()).toMatch(/^220 /)
      const dialogue: [string, RegExp][] = [
        ['HELO mail.example', /^250 /],
        ['MAIL FROM:<a@mail.example>', /^250 /],
        ['RCPT TO:<b@app.example>', /^250 /],
        ['DATA', /^354 /],
        ['Subject: hello\r\n\r\nhello\r\n.', new RegExp(`^250 queued for ${CLIENT}$`)],
        ['QUIT', /^221 /],
      ]
      for (const [line, answer] of dialogue) {
        client.say(line)
        expect(await client.hear()).toMatch(answer)
      }
    })

    test('says nothing before the last byte of the header', async () => {
      const client = await connected(ports[version], CLIENT)
      expect(await client.hear()).toMatch(/^220 /)
      const [start, end, greeting] = tap.passed()
      expect(`${start?.text}${end?.text}`).toMatch(HEADERS[version])
      expect(start?.by).toBe('proxy')
      expect(end).toEqual({ by: 'proxy', text: expect.stringMatching(/^.$/s) } satisfies Passed)
      expect(greeting).toEqual({ by: 'service', text: expect.stringMatching(/^220 /) })
    })
  })

  test('distinguishes clients that are connected at once', async () => {
    const clients = await Promise.all(
      [CLIENT, OTHER, '127.0.0.11', '127.0.0.12'].map(async (from) => {
        const client = await connected(ports.v2, from)
        await client.hear()
        return { from, client }
      }),
    )
    for (const { client, from } of clients.reverse()) {
      for (const line of ['HELO x', 'MAIL FROM:<a@x.example>', 'RCPT TO:<b@x.example>', 'DATA']) {
        client.say(line)
        await client.hear()
      }
      client.say('.')
      expect(await client.hear()).toBe(`250 queued for ${from}`)
    }
  })
})

/** What HAProxy sent, whole: a line of version 1, or the signature and 28 bytes of version 2. */
const HEADERS = {
  v1: /^PROXY TCP4 127\.0\.0\.9 127\.0\.0\.1 \d+ \d+\r\n$/,
  v2: /^\r\n\r\n\0\r\nQUIT\n.{16}$/s,
}
