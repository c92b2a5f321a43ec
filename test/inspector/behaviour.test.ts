import { join } from 'node:path'
import { allowlist } from '@truehop/allowlist/fastify'
import { truehop } from '@truehop/fastify'
import { definePolicy, type Policy } from '@truehop/identity'
import type { InspectorOptions } from '@truehop/inspector'
import { inspector } from '@truehop/inspector/fastify'
import { RateLimiter } from '@truehop/rate-limit'
import { rateLimit } from '@truehop/rate-limit/fastify'
import { fastify } from 'fastify'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { truehop as run } from '../../packages/cli/test/command-line.js'
import { temporaryFolder } from '../peers/harness/folder.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { accessibilityFindings, type Browser, overflow, startBrowser } from './browser.js'
import { POLICY } from './services.js'

interface Service {
  readonly url: string
  readonly policy: Policy
  stop(): Promise<unknown>
}

async function start(options: Partial<InspectorOptions> = {}, port = 0): Promise<Service> {
  const policy = definePolicy(POLICY)
  const app = fastify()
  await app.register(truehop, { policy })
  await app.register(inspector, { prefix: '/_truehop', allow: ['loopback'], ...options })
  await app.register(async (scope) => {
    await scope.register(allowlist, { deny: ['192.0.2.0/24'], name: 'visitors' })
    await scope.register(rateLimit, { name: 'login', limit: 2, window: 60 })
    scope.get('/limited', async () => 'fine')
  })
  app.get('/*', async (request) => request.clientIp)
  const url = await app.listen({ host: '127.0.0.1', port })
  return { url, policy, stop: () => app.close() }
}

describeWithPeers(['chromium'], 'the inspector, for whoever is on call', () => {
  let browser: Browser
  const open: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    browser = await startBrowser()
  })

  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })

  afterAll(() => browser.stop())

  async function serve(options: Partial<InspectorOptions> = {}, port = 0): Promise<Service> {
    const service = await start(options, port)
    open.push(() => service.stop())
    return service
  }

  async function look(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const { context } = await browser.open(options)
    open.push(() => context.close())
    const page = await context.newPage()
    await page.goto(url)
    return page
  }

  const live = (page: Page) => page.getByText('Live', { exact: true }).waitFor()

  async function ask({ url }: Service, path: string, client: string): Promise<void> {
    await (await fetch(url + path, { headers: { 'x-forwarded-for': client } })).text()
  }

  const row = (page: Page, text: string) =>
    page.locator('.decisions summary').filter({ hasText: text }).first()

  test('begins with what is wrong, and shows a refusal as one, with what refused', async () => {
    const service = await serve()
    await ask(service, '/limited', '192.0.2.9')
    for (let n = 0; n < 3; n++) await ask(service, '/limited', '203.0.113.9')
    const page = await look(`${service.url}/_truehop/`)
    await live(page)
    expect(await page.locator('main > section > h2').allInnerTexts()).toEqual([
      'What is wrong',
      'Recent decisions',
      'The last ten minutes',
      'Top clients',
      'The policy in force',
      'Try the policy',
    ])
    const denied = row(page, '192.0.2.9')
    await denied.getByText(/^403 in \d+ ms$/).waitFor()
    await denied.getByText('denied by entry 192.0.2.0/24').waitFor()
    expect(await denied.locator('.badge.resolved').count()).toBe(0)
    const limited = row(page, '429 in')
    await limited.getByText('limited by login').waitFor()
    expect(await limited.locator('.badge.resolved').count()).toBe(0)
    await page
      .getByRole('img', { name: 'Refused: 1 denied requests, 1 limited requests, 0 connections' })
      .waitFor()
    await limited.click()
    await page.locator('.opened').getByText('quota-exceeded').waitFor()
  })

  test('finds by prefix and field, counts with shares, links to a decision and tries it again', async () => {
    const service = await serve()
    for (const client of ['198.51.100.7', '198.51.100.8', '203.0.113.9', '192.0.2.9']) {
      await ask(service, '/limited', client)
    }
    const page = await look(`${service.url}/_truehop/`)
    const search = page.getByRole('searchbox', { name: 'Search' })
    await page.getByText('4 decisions').waitFor()
    await search.fill('::ffff:198.51.100.0/120')
    await page.getByText('2 decisions').waitFor()
    await search.fill('status:4xx')
    await page.getByText('1 decision', { exact: true }).waitFor()
    await search.fill('status:abc')
    await page.getByText('status: takes 403, 4xx or none').waitFor()
    await search.fill('')
    await page.getByRole('button', { name: '200 3 75 %' }).click()
    await page.getByText('3 decisions').waitFor()
    expect(await search.inputValue()).toBe('status:200')
    await page.getByRole('button', { name: '200 3 100 %', pressed: true }).click()
    await page.getByText('4 decisions').waitFor()
    await row(page, '198.51.100.8').click()
    const link = page.getByRole('link', { name: 'Link to this decision' })
    const other = await look(new URL((await link.getAttribute('href')) ?? '', page.url()).href)
    await other.locator('.decisions .named .walk').waitFor()
    expect(await other.locator('.decisions .named summary').textContent()).toContain('198.51.100.8')
    await other.getByRole('button', { name: 'As truehop explain' }).click()
    await other.getByText("--header 'x-forwarded-for: 198.51.100.8'").waitFor()
    await other.getByRole('button', { name: 'Try it below' }).click()
    await other.getByRole('heading', { name: 'Client: 198.51.100.8' }).waitFor()
    expect(await accessibilityFindings(other)).toEqual([])
  })

  test('no row moves under the pointer, and the list goes on when it has left', async () => {
    const service = await serve()
    for (let n = 1; n <= 5; n++) await ask(service, `/first/${n}`, `198.51.100.${n}`)
    const page = await look(`${service.url}/_truehop/`, { viewport: { width: 1280, height: 1400 } })
    await page.getByText('5 decisions').waitFor()
    const third = page.locator('.decisions > li').nth(2)
    const before = { text: await third.textContent(), box: await third.boundingBox() }
    await third.hover()
    for (let n = 0; n < 10; n++) await ask(service, '/flood', '203.0.113.9')
    // What would grow above the list.
    await ask(service, '/', 'unknown')
    await page.getByText('5 decisions; held still, 11 newer ones').waitFor()
    expect({ text: await third.textContent(), box: await third.boundingBox() }).toEqual(before)
    await page.mouse.move(5, 5)
    await page.getByText('16 decisions', { exact: true }).waitFor()
    await page.getByText('The entry names no address').waitFor()
  })

  test('says what was before a restart, and keeps it', async () => {
    const service = await start()
    await ask(service, '/before', '198.51.100.7')
    const page = await look(`${service.url}/_truehop/`)
    await row(page, '/before').waitFor()
    await service.stop()
    await page.getByText(/Connection lost, trying again; this is from \d\d:\d\d:\d\d/).waitFor()
    const again = await serve({}, Number(new URL(service.url).port))
    await ask(again, '/after', '198.51.100.8')
    await row(page, '/after').waitFor()
    await page.getByText(/^The service was restarted at \d\d:\d\d:\d\d: what follows is/).waitFor()
    const rows = await page.locator('.decisions > li').allInnerTexts()
    expect(rows.map((text) => /\/before|\/after|restarted/.exec(text)?.[0])).toEqual([
      '/after',
      'restarted',
      '/before',
    ])
  })

  test('says that too many pages are open, and shows a snapshot all the same', async () => {
    const service = await serve({ maxViewers: 1 })
    await ask(service, '/seen', '198.51.100.7')
    const first = await look(`${service.url}/_truehop/`)
    await live(first)
    const second = await look(`${service.url}/_truehop/`)
    await second.getByText(/Too many pages open, trying again; this is from/).waitFor()
    await row(second, '/seen').waitFor()
    await first.close()
    await live(second)
  })

  test('is not live where nothing is heard', async () => {
    const service = await serve()
    const { context } = await browser.open()
    open.push(() => context.close())
    const page = await context.newPage()
    await page.addInitScript(`
      const { addEventListener } = EventSource.prototype
      EventSource.prototype.addEventListener = function (type, listener) {
        if (type !== 'beat') addEventListener.call(this, type, listener)
      }
    `)
    await page.goto(`${service.url}/_truehop/`)
    await live(page)
    await page.getByText(/Nothing heard; this is from \d\d:\d\d:\d\d/).waitFor()
  })

  test('shows what a replacement of the policy changed', async () => {
    const service = await serve()
    const page = await look(`${service.url}/_truehop/`)
    await live(page)
    service.policy.replace({
      hops: [{ name: 'local proxy', from: ['127.0.0.1'], asserts: 'x-forwarded-for' }],
    })
    await page.getByRole('heading', { name: 'What replacements changed' }).waitFor()
    expect(await page.locator('.difference del').allInnerTexts()).toContain(
      'cdn: from 173.245.48.0/20',
    )
    expect(await page.locator('.difference ins').allInnerTexts()).toContain('rules: local proxy')
  })

  test('draws a chain in one direction, and leaves no box alone in the last line', async () => {
    const service = await serve()
    const page = await look(`${service.url}/_truehop/`)
    await live(page)
    const chain = page.getByRole('list', { name: 'Hops, from this server outwards' })
    for (let hops = 1; hops <= 6; hops++) {
      service.policy.replace({
        hops: Array.from({ length: hops }, (_, n) => ({
          name: `hop ${n}`,
          from: [n === 0 ? '127.0.0.1' : `10.${n}.0.0/16`],
          asserts: 'x-forwarded-for',
        })),
      })
      await expect.poll(() => chain.locator(':scope > li').count()).toBe(hops + 2)
      for (const width of [360, 760, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        const boxes = await chain.locator(':scope > li').evaluateAll((items) =>
          items.map((item) => {
            const { left, top } = item.getBoundingClientRect()
            return { left: Math.round(left), top: Math.round(top) }
          }),
        )
        const tops = [...new Set(boxes.map(({ top }) => top))]
        const lines = tops.map((top) => boxes.filter((box) => box.top === top))
        // From left to right, and from top to bottom.
        expect(tops).toEqual(tops.toSorted((a, b) => a - b))
        for (const line of lines) {
          const lefts = line.map(({ left }) => left)
          expect(lefts).toEqual(lefts.toSorted((a, b) => a - b))
        }
        const longest = Math.max(...lines.map((line) => line.length))
        const isAlone = longest > 1 && lines.at(-1)?.length === 1
        expect({ hops, width, isAlone }).toEqual({ hops, width, isAlone: false })
      }
    }
  })

  test('looks at a client of a limit, blocks and resets it', async () => {
    const limiter = new RateLimiter({ name: 'login', limit: 3, window: 60 })
    const service = await serve({ actions: { limits: { login: limiter } } })
    const page = await look(`${service.url}/_truehop/`, { colorScheme: 'dark' })
    await page.getByRole('textbox', { name: 'Client' }).fill('198.51.100.7')
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('login: 3 of 3 left').waitFor()
    await page.getByRole('button', { name: 'Block' }).click()
    await page.getByText('refused for 600 seconds').waitFor()
    expect(await limiter.peek({ client: '198.51.100.7' })).toMatchObject([{ exceeded: true }])
    expect(await accessibilityFindings(page)).toEqual([])
    await page.getByRole('button', { name: 'Reset' }).click()
    await page.getByText('refused for').waitFor({ state: 'detached' })
    await page.getByRole('textbox', { name: 'Client' }).fill('<b>nobody</b>')
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('client must be an address').waitFor()
  })

  test.each<BrowserContextOptions>([
    { colorScheme: 'light' },
    { colorScheme: 'dark', viewport: { width: 360, height: 740 }, isMobile: true },
  ])(
    'a page of several instances shows them, and runs nothing that they sent: %j',
    async (options) => {
      const [one, other] = [await serve(), await serve()]
      const hostile = '</script><img src=x onerror=globalThis.hacked=1>'
      await ask(one, '/', hostile)
      await ask(other, '/other', '198.51.100.7')
      other.policy.replace({ trust: ['127.0.0.1'], header: 'x-forwarded-for' })
      const file = join(temporaryFolder('fleet'), 'fleet.html')
      const urls = [one, other].map(({ url }) => `${url}/_truehop/`)
      const gone = 'http://127.0.0.1:9/_truehop/'
      expect((await run(['inspect', '--output', file, ...urls, gone])).code).toBe(1)
      const page = await look(`file://${file}`, options)
      await page.getByText(/does not answer as an inspector/).waitFor()
      await page.getByText('The instances do not have the same policy').waitFor()
      const { host } = new URL(other.url)
      await page.getByRole('searchbox', { name: 'Search' }).fill(`instance:${host} is:resolved`)
      await row(page, '/other').click()
      await page.getByRole('list', { name: 'The walk, from the socket peer outwards' }).waitFor()
      expect(await page.evaluate('globalThis.hacked')).toBeUndefined()
      expect(await page.locator('img').count()).toBe(0)
      expect(await accessibilityFindings(page)).toEqual([])
      expect(await overflow(page)).toBe(0)
    },
  )
})
