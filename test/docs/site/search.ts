import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Browser, startBrowser } from '../../inspector/browser.js'
import { describeWithPeers } from '../../peers/harness/peer.js'
import { serveSite } from './built-site.js'
import { visit } from './visit.js'

/** What readers look for, and the page that must come first. */
const FIRST: readonly (readonly [words: string, address: RegExp])[] = [
  ['behind Cloudflare', /^\/platforms\/cloudflare$/],
  ['cloudflare', /^\/platforms\/cloudflare$/],
  ['haproxy', /^\/(platforms|guides)\/haproxy$/],
  ['testing', /^\/testing-your-service$/],
  ['app.inject', /^\/testing-your-service$/],
  ['supertest', /^\/testing-your-service$/],
  ['jest', /^\/commonjs$/],
  ['CommonJS', /^\/commonjs$/],
  ['typescript', /^\/typescript$/],
  ['sessions', /^\/sessions$/],
  ['kubernetes', /^\/running$/],
  ['prometheus', /^\/metrics$/],
  ['socket.io', /^\/sockets$/],
  ['graphql', /^\/graphql$/],
  ['grpc', /^\/grpc$/],
  ['vhost', /^\/sub-apps$/],
  ['upgrade', /^\/upgrading$/],
  ['nestjs', /^\/nestjs$/],
  ['playground', /^\/playground\/$/],
  // The ways of three new users.
  ['trustProxy', /^\/ways\/fastify-haproxy-redis$/],
  ['express sessions', /^\/ways\/express-jest-sessions$/],
  ['policy file', /^\/ways\/operator$/],
]

describeWithPeers(['chromium'], 'the search of the site', () => {
  let browser: Browser
  let site: Awaited<ReturnType<typeof serveSite>>
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    site = await serveSite()
    browser = await startBrowser()
    const opened = await browser.open()
    errors = opened.errors
    page = await opened.context.newPage()
    await visit(page, site.url)
    await page.locator('.VPNavBarSearch button').click()
  })

  afterAll(async () => {
    await browser.stop()
    await site.stop()
  })

  test.each(FIRST)('%s', async (words, address) => {
    await page.locator('.search-input').fill(words)
    const first = page.locator('.results .result').first()
    await expect.poll(() => found(first.getAttribute('href'))).toMatch(address)
  })

  test('prints no error', () => {
    expect(errors).toEqual([])
  })

  async function found(href: Promise<string | null>): Promise<string> {
    return ((await href) ?? '').replace(/#.*/, '')
  }
})
