import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { truehop } from '@truehop/fastify'
import { inspector } from '@truehop/inspector/fastify'
import { RateLimiter } from '@truehop/rate-limit'
import { fastify } from 'fastify'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { truehop as run } from '../../packages/cli/test/command-line.js'
import { temporaryFolder } from '../peers/harness/folder.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import {
  accessibilityFindings,
  type Browser,
  brokenTexts,
  covered,
  overflow,
  startBrowser,
} from './browser.js'
import { type Service, startService } from './services.js'

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }
const TABLET = { viewport: { width: 820, height: 1180 } }
/** A window of 1280 by 800 at 200 %. */
const ZOOMED = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }
const DARK = { colorScheme: 'dark' } as const

const SIZES: readonly (readonly [string, BrowserContextOptions])[] = [
  ['on a phone', PHONE],
  ['on a tablet', TABLET],
  ['at 200 %', ZOOMED],
  ['dark', DARK],
]
const NARROW_AND_DARK = SIZES.filter(([, size]) => size === PHONE || size === DARK)
const NARROW_AND_ZOOMED = SIZES.filter(([, size]) => size === PHONE || size === ZOOMED)

// A page is searched for faults of access several times, which takes seconds each.
vi.setConfig({ testTimeout: 120_000 })

describeWithPeers(['chromium'], 'every state of the inspector', () => {
  let browser: Browser
  const open: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    browser = await startBrowser(['ops.example.com'])
  })

  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close()
  })

  afterAll(() => browser.stop())

  async function serve(options: object = {}, port = 0): Promise<Service> {
    const service = await startService('fastify', { allow: ['loopback'], ...options }, port)
    open.push(() => service.stop())
    return service
  }

  async function blank(options: BrowserContextOptions): Promise<Page> {
    const { context } = await browser.open(options)
    open.push(() => context.close())
    return context.newPage()
  }

  async function look(url: string, options: BrowserContextOptions): Promise<Page> {
    const page = await blank(options)
    await page.goto(`${url}/_truehop/`)
    await page.getByText('Live', { exact: true }).waitFor()
    return page
  }

  const ask = async ({ url }: Service, path: string, list: string): Promise<void> => {
    const headers = { 'x-forwarded-for': list, 'x-real-ip': '8.8.8.8' }
    await (await fetch(url + path, { headers })).text()
  }

  /** What holds of every page, whatever is on it. */
  async function isLaidOut(page: Page): Promise<void> {
    expect(await overflow(page)).toBe(0)
    expect(await covered(page)).toEqual([])
  }

  async function isSound(page: Page): Promise<void> {
    await isLaidOut(page)
    expect(await accessibilityFindings(page)).toEqual([])
  }

  test('says nothing to be right before anything was heard', async () => {
    const service = await serve()
    const page = await blank({})
    await page.route('**/events*', () => {})
    await page.goto(`${service.url}/_truehop/`)
    await page.getByText('Connecting…').waitFor()
    for (const id of ['wrong', 'decisions', 'activity', 'clients', 'policy']) {
      expect(await page.locator(`#${id}`).textContent()).toContain('Not known yet.')
    }
    expect(await page.locator('main').textContent()).not.toMatch(/Nothing odd|No decision|Nobody/)
    await isSound(page)
    await page.unroute('**/events*')
    await page.reload()
    await page.getByText(/^Nothing odd has been seen since the service was started, /).waitFor()
  })

  test('over plain HTTP from elsewhere, where browsers do not say who asks, its page works', async () => {
    const service = await serve({ hosts: ['ops.example.com'], maxViewers: 2 })
    const { port } = new URL(service.url)
    const base = `http://ops.example.com:${port}/_truehop/`
    const page = await blank({})
    await page.goto(base)
    expect(await page.evaluate('isSecureContext')).toBe(false)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('textbox', { name: 'Socket peer' }).fill('203.0.113.9')
    await page.getByRole('button', { name: 'Explain', exact: true }).click()
    await page.getByRole('heading', { name: 'Client: 203.0.113.9' }).waitFor()
  })

  test.each(SIZES)('%s: an open row, an answered form, and a search', async (_name, options) => {
    const service = await serve()
    const long = `/${'customers/9f7c1b1e-90aa-4d3f/'.repeat(3)}`
    await ask(service, long, '2001:db8:1111:2222:3333:4444:5555:6666, 10.0.0.7')
    await ask(service, '/', 'unknown')
    for (let i = 0; i < 4; i++) await ask(service, `/page/${i}`, `198.51.100.${i}, 10.0.0.7`)
    for (let i = 0; i < 7; i++) await ask(service, '/limited', '192.0.2.7')
    const page = await look(service.url, options)
    await page.locator('.decisions summary').filter({ hasText: 'customers' }).first().click()
    await page.getByRole('button', { name: 'As test case' }).click()
    await page.getByRole('button', { name: 'Try it below' }).click()
    await page.getByRole('heading', { name: /^Client: 2001:db8:1111/ }).waitFor()
    const closed = page.locator(
      '#try details:not([open]) > summary, #policy details:not([open]) > summary',
    )
    while ((await closed.count()) > 0) await closed.first().click()
    await isSound(page)
    await page.locator('.clients .limit').first().waitFor()
    expect(await brokenTexts(page.locator('.clients .limit > span'))).toEqual([])
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('searchbox', { name: 'Search' }).fill('198.51.100.0/24 -/page/3')
    await page.getByText('3 decisions').waitFor()
    await isLaidOut(page)
    await page.getByRole('searchbox', { name: 'Search' }).fill('status:418')
    await page.getByText('0 decisions').waitFor()
    await isLaidOut(page)
  })

  test.each(NARROW_AND_DARK)(
    '%s: connections that were refused, each with what to look at',
    async (_name, options) => {
      const app = fastify()
      const hops = [{ name: 'haproxy', from: ['127.0.0.1'], asserts: 'proxy-protocol' }]
      await app.register(truehop, { hops, proxyProtocol: { optional: true } })
      await app.register(inspector, { prefix: '/_truehop', allow: ['loopback'] })
      const url = await app.listen({ host: '127.0.0.1', port: 0 })
      open.push(() => app.close())
      const refused = connect(Number(new URL(url).port), '127.0.0.1')
      refused.on('error', () => {})
      refused.end('PROXY nonsense\r\n')
      await once(refused, 'close')
      const page = await look(url, options)
      await page.locator('.anomalies').getByText('see what runs there').waitFor()
      await page.getByRole('textbox', { name: 'Socket peer' }).fill('203.0.113.9')
      await page.getByRole('button', { name: 'Explain', exact: true }).click()
      await page.getByRole('heading', { name: 'The connection is refused' }).waitFor()
      await isSound(page)
    },
  )

  test('on a phone: an outage is said where somebody reads, and so is the restart', async () => {
    const service = await startService('fastify', { allow: ['loopback'] })
    await ask(service, '/before', '198.51.100.7')
    const page = await look(service.url, PHONE)
    await page.locator('.decisions').getByText('/before').waitFor()
    await service.stop()
    await page.getByText('Connection lost, trying again').waitFor()
    await page.getByText(/^1 decision; as of \d\d:\d\d:\d\d$/).waitFor()
    await isLaidOut(page)
    await serve({}, Number(new URL(service.url).port))
    await page.getByText(/^The service was restarted at/).waitFor()
    await page.getByText('1 decision', { exact: true }).waitFor()
    await isSound(page)
  })

  test('on a phone: one page too many shows what there is', async () => {
    const service = await serve({ maxViewers: 1 })
    await ask(service, '/kept', '198.51.100.7')
    await look(service.url, {})
    const page = await blank(PHONE)
    await page.goto(`${service.url}/_truehop/`)
    await page.getByText('Too many pages open, trying again').waitFor()
    await page.locator('.decisions').getByText('/kept').waitFor()
    await isSound(page)
  })

  test.each(NARROW_AND_ZOOMED)(
    '%s: actions that were done, and that were not',
    async (_name, options) => {
      const held = new Map([
        ['203.0.113.0/24', 'credential stuffing since 02:10, told by the provider'],
      ])
      const visitors = {
        *details() {
          for (const [entry, note] of held) {
            yield { entry, by: 'inspector, 198.51.100.7', note, added: 0, expires: undefined }
          }
        },
        add: async (entry: string) => (entry === '192.0.2.9/32' ? 'full' : 'local'),
        remove: async (entry: string) => (held.delete(entry) ? 'shared' : 'absent'),
        status: () => ({ size: held.size, stale: true }),
      }
      const login = new RateLimiter({ name: 'login', limit: 3, window: 60 })
      const actions = { limits: { login }, lists: { visitors } }
      const page = await look((await serve({ actions })).url, options)
      await page.getByRole('textbox', { name: 'Client' }).fill(' 198.51.100.7 ')
      await page.getByRole('button', { name: 'Block' }).click()
      await page.getByText('Blocked 198.51.100.7 in login for 600 seconds.').waitFor()
      await page.getByText('refused for 600 seconds').waitFor()
      await page.getByRole('textbox', { name: 'Units' }).fill('2')
      await page.getByRole('button', { name: 'Give back' }).click()
      await page.getByText('Gave 2 units back to 198.51.100.7 in login.').waitFor()
      await page.getByRole('textbox', { name: 'Entry' }).fill('192.0.2.9/32')
      await page.getByRole('button', { name: 'Add entry' }).click()
      await page.getByText('Not made: the list is full').waitFor()
      await page.getByText('the store has not answered for a minute').waitFor()
      await isSound(page)
      await page.getByRole('button', { name: 'Remove 203.0.113.0/24' }).click()
      await page.getByText('Made, for all instances.').waitFor()
      await page.getByText('The list has no entries').waitFor()
      await page.getByRole('textbox', { name: 'Client' }).fill('nobody')
      await page.getByRole('button', { name: 'Look' }).click()
      await page.getByText('client must be an address').waitFor()
      expect(await page.getByText('refused for').count()).toBe(0)
      await isLaidOut(page)
    },
  )

  test.each(NARROW_AND_DARK)(
    '%s: a fleet of which one is down and one has another policy',
    async (_name, options) => {
      const [one, other] = [await serve(), await serve()]
      await ask(one, '/one', 'unknown')
      await ask(other, '/other', '198.51.100.7')
      other.policy.replace({ trust: ['127.0.0.1'], header: 'x-forwarded-for' })
      const file = join(temporaryFolder('fleet'), 'fleet.html')
      const urls = [one.url, other.url, 'http://127.0.0.1:9'].map((url) => `${url}/_truehop/`)
      await run(['inspect', '--output', file, ...urls])
      const page = await blank(options)
      await page.goto(`file://${file}`)
      await page.getByText(/does not answer as an inspector/).waitFor()
      expect(await page.locator('#wrong p').first().textContent()).toContain('127.0.0.1:9')
      await isSound(page)
    },
  )
})
