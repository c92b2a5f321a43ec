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
  // Words of which another page says more, or which no page says.
  ['install', /^\/$/],
  ['quick start', /^\/$/],
  ['fastify', /^\/$/],
  ['express', /^\/$/],
  ['wrong ip', /^\/troubleshooting$/],
  ['real ip', /^\/troubleshooting$/],
  ['400', /^\/troubleshooting$/],
  ['ECONNRESET', /^\/troubleshooting$/],
  ['http instead of https', /^\/troubleshooting$/],
  ['health check', /^\/troubleshooting$/],
  ['error codes', /^\/errors$/],
  ['429', /^\/rate-limit$/],
  ['redis', /^\/rate-limit$/],
  ['ipv6 prefix', /^\/rate-limit$/],
  ['reset limit', /^\/rate-limit$/],
  ['403', /^\/allowlist$/],
  ['allow list', /^\/allowlist$/],
  ['whitelist', /^\/allowlist$/],
  ['how to block an ip', /^\/allowlist$/],
  ['X-Forwarded-For', /^\/policy$/],
  ['client ip', /^\/policy$/],
  ['trust proxy', /^\/migration$/],
  ['migrate', /^\/migration$/],
  ['request-ip', /^\/coming-from$/],
  ['docker', /^\/platforms\/docker$/],
  ['nginx', /^\/platforms\/nginx$/],
  ['nginx ingress', /^\/platforms\/ingress-nginx$/],
  ['heroku', /^\/platforms\/heroku$/],
  ['load balancer', /^\/platforms\/$/],
  ['aws', /^\/platforms\/$/],
  ['alb', /^\/platforms\/aws-alb$/],
  ['pm2', /^\/platforms\/pm2$/],
  ['spoof', /^\/security$/],
  ['gdpr', /^\/logging$/],
  ['access log', /^\/logging$/],
  ['grafana', /^\/metrics$/],
  ['helm', /^\/running$/],
  ['k8s', /^\/running$/],
  ['reload', /^\/running$/],
  ['systemd', /^\/running$/],
  ['typescript error', /^\/typescript$/],
  ['cookie secure', /^\/sessions$/],
  ['websocket', /^\/sockets$/],
  ['webpack', /^\/loading$/],
  ['deno', /^\/loading$/],
  ['cli', /^\/cli$/],
  ['performance', /^\/benchmarks$/],
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
