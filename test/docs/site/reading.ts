import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  accessibilityFindings,
  type Browser,
  overflow,
  startBrowser,
} from '../../inspector/browser.js'
import { describeWithPeers } from '../../peers/harness/peer.js'
import { addresses, serveSite } from './built-site.js'
import { visit } from './visit.js'

/** The front page, one with tabs, one with tables, one of the reference, and the playground. */
const LOOKED_AT = ['/', '/sockets', '/support', '/reference/cli', '/playground/']

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }

describeWithPeers(['chromium'], 'the site, in a browser', () => {
  let browser: Browser
  let site: Awaited<ReturnType<typeof serveSite>>

  beforeAll(async () => {
    site = await serveSite()
    browser = await startBrowser()
  })

  afterAll(async () => {
    await browser.stop()
    await site.stop()
  })

  async function open(options: BrowserContextOptions = {}) {
    const { context, errors } = await browser.open(options)
    return { context, errors, page: await context.newPage() }
  }

  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
  ] as const)(
    '%s: axe finds nothing, and nothing is printed as an error',
    async (_name, options) => {
      const { context, page, errors } = await open(options)
      for (const address of LOOKED_AT) {
        await visit(page, site.url + address)
        expect.soft(await accessibilityFindings(page), address).toEqual([])
      }
      expect(errors).toEqual([])
      await context.close()
    },
    300_000,
  )

  test('no page is wider than a phone, or than a window at 200 %', async () => {
    const { context, page } = await open(PHONE)
    // What is laid out is in the HTML: without scripts and fonts it is there at once.
    await context.route(/\.(js|woff2)$/, (route) => route.abort())
    page.setDefaultTimeout(120_000)
    const wide: string[] = []
    for (const address of addresses) {
      await page.goto(site.url + address, { waitUntil: 'load' })
      if ((await overflow(page)) > 0) wide.push(address)
    }
    expect(wide).toEqual([])
    await context.close()
  }, 240_000)

  test('a button copies the code beside it', async () => {
    const { context, page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await visit(page, `${site.url}/sessions`)
    const block = page.locator('div[class*="language-sh"]').first()
    await block.hover()
    await block.locator('button.copy').click()
    const shown = await block.locator('code').textContent()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(shown?.trimEnd())
    await context.close()
  })

  test('a tab that was chosen once is chosen on other pages too', async () => {
    const { context, page } = await open()
    await visit(page, `${site.url}/sockets`)
    expect(await shownCode(page)).toContain("import { WebSocketServer } from 'ws'")
    await page.locator('label[data-title="CommonJS"]').first().click()
    expect(await shownCode(page)).toContain("require('ws')")
    await visit(page, `${site.url}/sessions`)
    await expect.poll(() => shownCode(page)).toContain("require('express-session')")
    const other = await context.newPage()
    await visit(other, `${site.url}/sessions`)
    await expect.poll(() => shownCode(other)).toContain("require('express-session')")
    await context.close()
  })

  test('frameworks are beside each other', async () => {
    const { context, page } = await open()
    await visit(page, `${site.url}/commonjs`)
    const labels = page.locator('.vp-code-group').first().locator('label')
    expect(await labels.allInnerTexts()).toEqual(
      ['Express', 'Fastify', 'NestJS'].map((framework) => `${framework}, CommonJS`),
    )
    await context.close()
  })

  test('a framework that was chosen stays chosen where its tab has another form', async () => {
    const { context, page } = await open()
    await visit(page, `${site.url}/rate-limit`)
    await page.locator('label[data-title="NestJS, TypeScript"]').first().click()
    expect(await shownCode(page)).toContain('NestFactory.create')
    await visit(page, `${site.url}/commonjs`)
    await expect.poll(() => shownCode(page)).toContain("require('@nestjs/core')")
    await context.close()
  })

  test('the playground is within the site: its menu, its search, its colours', async () => {
    const { context, page, errors } = await open({ colorScheme: 'light' })
    await visit(page, `${site.url}/`)
    await page.locator('.VPNavBarMenu').getByText('Playground').click()
    const playground = page.frameLocator('iframe[title="Playground"]')
    await playground.getByRole('button', { name: 'Explain', exact: true }).click()
    await playground.getByRole('heading', { name: 'Client: 198.51.100.7' }).waitFor()
    expect(await page.locator('.VPNavBarSearch').isVisible()).toBe(true)
    const background = () =>
      page.evaluate<string>(
        "getComputedStyle(document.querySelector('iframe.playground').contentDocument.body).backgroundColor",
      )
    const light = await background()
    await page.locator('.VPNavBarAppearance button').click()
    await expect.poll(background).not.toBe(light)
    await expect.poll(() => innerOverflow(page)).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })

  test('the address of the playground shows somebody else the same, and lets nothing out', async () => {
    const { context, page } = await open()
    const frame = (of: Page) => of.frameLocator('iframe[title="Playground"]')
    const peer = (of: Page) => frame(of).getByRole('textbox', { name: 'Socket peer' })
    await visit(page, `${site.url}/playground/`)
    await peer(page).fill('10.0.0.9')
    await expect.poll(() => page.url()).toMatch(/\/playground\/#try=[\w-]+$/)
    const other = await context.newPage()
    await visit(other, page.url())
    await expect.poll(() => peer(other).inputValue()).toBe('10.0.0.9')
    await frame(other)
      .getByRole('heading', { name: /^Client: / })
      .waitFor()
    const sent = frame(other).locator('body')
    expect(await sent.evaluate(() => fetch('/llms.txt').then(String, String))).toMatch(/TypeError/)
    await peer(page).fill('10.0.0.10')
    await expect.poll(() => page.url()).not.toBe(other.url())
    await other.evaluate(`location.hash = ${JSON.stringify(new URL(page.url()).hash)}`)
    await expect.poll(() => peer(other).inputValue()).toBe('10.0.0.10')
    await context.close()
  })

  /** Pixels that the playground is higher than its frame. */
  const innerOverflow = (page: Page) =>
    page.evaluate<number>(
      `(({ contentDocument: { documentElement: { scrollHeight, clientHeight } } }) =>
        scrollHeight - clientHeight)(document.querySelector('iframe.playground'))`,
    )

  const shownCode = (page: Page) =>
    page.locator('.vp-code-group').first().locator('.blocks > .active code').textContent()
})
