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

/** The front page, one with tabs, one with tables, one of the reference. */
const LOOKED_AT = ['/', '/sockets', '/policy', '/reference/forwarded']

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
        await page.goto(site.url + address, { waitUntil: 'networkidle' })
        expect.soft(await accessibilityFindings(page), address).toEqual([])
      }
      expect(errors).toEqual([])
      await context.close()
    },
    180_000,
  )

  test('no page is wider than a phone, or than a window at 200 %', async () => {
    const { context, page } = await open(PHONE)
    // What is laid out is in the HTML: without scripts and fonts it is there at once.
    await context.route(/\.(js|woff2)$/, (route) => route.abort())
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
    await page.goto(`${site.url}/sessions`, { waitUntil: 'networkidle' })
    const block = page.locator('div[class*="language-sh"]').first()
    await block.hover()
    await block.locator('button.copy').click()
    const shown = await block.locator('code').textContent()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(shown?.trimEnd())
    await context.close()
  })

  test('a tab that was chosen once is chosen on other pages too', async () => {
    const { context, page } = await open()
    await page.goto(`${site.url}/sockets`, { waitUntil: 'networkidle' })
    expect(await shownCode(page)).toContain("import { WebSocketServer } from 'ws'")
    await page.locator('label[data-title="CommonJS"]').first().click()
    expect(await shownCode(page)).toContain("require('ws')")
    await page.goto(`${site.url}/sessions`, { waitUntil: 'networkidle' })
    await expect.poll(() => shownCode(page)).toContain("require('express-session')")
    await context.close()
  })

  test('frameworks are beside each other', async () => {
    const { context, page } = await open()
    await page.goto(`${site.url}/commonjs`, { waitUntil: 'networkidle' })
    const labels = page.locator('.vp-code-group').first().locator('label')
    expect(await labels.allInnerTexts()).toEqual(['Express, CommonJS', 'Fastify, CommonJS'])
    await context.close()
  })

  const shownCode = (page: Page) =>
    page.locator('.vp-code-group').first().locator('.blocks > .active code').textContent()
})
