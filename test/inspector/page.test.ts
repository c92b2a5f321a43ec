import { once } from 'node:events'
import { utimesSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { truehop } from '@truehop/fastify'
import { questionsOf, rangesFrom } from '@truehop/identity'
import { inspector } from '@truehop/inspector/fastify'
import { addressPrivacy } from '@truehop/log'
import { fastify } from 'fastify'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fileWriter } from '../../packages/cli/test/command-line.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import {
  accessibilityFindings,
  type Browser,
  brokenTexts,
  openAll,
  overflow,
  startBrowser,
} from './browser.js'
import { type Framework, LIMIT, type Service, startService } from './services.js'

const write = fileWriter()

/** What somebody writes who wants to run something in the operator's browser. */
const HOSTILE = [
  '<script>globalThis.hacked=1</script>',
  '"><img src=x onerror=globalThis.hacked=1>',
  "javascript:globalThis.hacked=1//'",
  '</script><svg onload=globalThis.hacked=1>',
  '{{constructor.constructor("globalThis.hacked=1")()}}',
]

describeWithPeers(['chromium'], 'the inspector in a browser', () => {
  let browser: Browser
  let context: BrowserContext
  let errors: string[]
  let page: Page

  beforeAll(async () => {
    browser = await startBrowser()
  })

  afterAll(() => browser.stop())

  /** Looks at the page of a service, and keeps what it complains about. */
  async function look(service: Service, options = {}, hash = ''): Promise<void> {
    const opened = await browser.open(options)
    context = opened.context
    errors = opened.errors
    page = await context.newPage()
    await page.goto(`${service.url}/_truehop/${hash}`)
    await page.getByText('Live', { exact: true }).waitFor()
  }

  const ask = (service: Service, path: string, headers: Record<string, string>) =>
    fetch(service.url + path, { headers }).then((response) => response.text())

  const decision = (text: string | RegExp) =>
    page.locator('.decisions summary').filter({ hasText: text }).first()

  describe.each<Framework>(['fastify', 'express'])('on %s', (framework) => {
    let service: Service

    beforeEach(async () => {
      service = await startService(framework, { allow: ['loopback'] })
    })

    afterEach(async () => {
      await context.close()
      await service.stop()
    })

    test('answers the three questions as truehop explain --questions does', async () => {
      await look(service)
      const rules = page.getByRole('list', { name: 'Three questions' }).locator(':scope > li')
      const shown = await rules.allInnerTexts()
      const lines = shown.map((text) => text.split('\n').filter(Boolean))
      const expected = questionsOf(service.policy).map((rule) => [
        rule.rule,
        'Which field is authoritative?',
        rule.field,
        'Who may assert it?',
        rule.assertedBy.join(', '),
        'Who consumes it?',
        rule.consumedBy,
      ])
      expect(lines).toEqual(expected)
    })

    test('shows the policy as a chain, and each hop with its ranges', async () => {
      await look(service)
      const chain = page.getByRole('list', { name: 'Hops, from this server outwards' })
      const nodes = await chain.locator(':scope > li').allInnerTexts()
      expect(nodes.map((text) => text.split('\n')[0])).toEqual([
        'this server',
        'local proxy',
        'cdn',
        'client',
      ])
      expect(nodes[1]).toMatch(
        /x-forwarded-for[\s\S]*127\.0\.0\.1[\s\S]*10\.0\.0\.0\/8[\s\S]*written in the policy/,
      )
      service.policy.replace({
        hops: [{ name: 'new hop', from: ['127.0.0.1'], asserts: 'forwarded' }],
      })
      await chain.getByText('new hop').waitFor()
      expect(errors).toEqual([])
    })

    test('raises a banner if the policy does not fit what is in front', async () => {
      await look(service)
      const banner = page.getByRole('alert')
      expect(await banner.textContent()).toBe('')
      // Fly: the last entry is the address of the application, and all visitors are one client.
      const visits = Array.from({ length: 200 }, (_, n) => {
        const visitor = `198.51.100.${n}`
        const list = `${visitor}, 203.0.113.33`
        return ask(service, '/', { 'x-forwarded-for': list, 'fly-client-ip': visitor })
      })
      await Promise.all(visits)
      await banner
        .getByRole('heading', { name: 'Many visitors are taken for one client' })
        .waitFor()
      expect(await banner.textContent()).toMatch(
        /The client decided is 203\.0\.113\.33, by rule local proxy\..*200 decisions, 2 clients, .*since .*What to do: write \{ platform: 'fly' \}/,
      )
      expect(await accessibilityFindings(page)).toEqual([])
      expect(await overflow(page)).toBe(0)
      // What puts it right takes it away.
      service.policy.replace({ hops: [{ platform: 'fly', from: ['127.0.0.1'] }] })
      await banner.getByRole('heading').waitFor({ state: 'detached' })
      expect(errors).toEqual([])
    })

    test('shows ranges that live, how many and how old', async () => {
      await look(service)
      const file = write('ranges.txt', '173.245.48.0/20\n2400:cb00::/32\n')
      const written = new Date(Date.now() - 50 * 3_600_000)
      utimesSync(file, written, written)
      const list = rangesFrom({ name: 'cdn-list', file, format: 'lines' })
      const hop = { name: 'cdn', from: [list], asserts: 'cf-connecting-ip', required: true }
      service.policy.replace({ hops: [hop] })
      const node = page.locator('.node.hop').filter({ hasText: 'cdn-list' })
      await node.getByText('confirmed 2 days ago', { exact: true }).waitFor()
      expect(await node.textContent()).toMatch(
        /cf-connecting-ip, requiredcdn-list: 2 ranges173\.245\.48\.0\/202400:cb00::\/32/,
      )
      list.close()
    })

    test('shows a decision as it is made, and its walk when it is opened by click', async () => {
      await look(service)
      await ask(service, '/cart?id=7', {
        'x-forwarded-for': '192.0.2.66, 173.245.48.9, 10.0.0.7',
        'cf-connecting-ip': '203.0.113.9',
        'x-real-ip': '8.8.8.8',
      })
      await decision('203.0.113.9').click()
      const walk = page.getByRole('list', { name: 'The walk, from the socket peer outwards' })
      const nodes = await walk.locator(':scope > li').allInnerTexts()
      expect(nodes.map((text) => text.split('\n').slice(0, 2))).toEqual([
        ['socket peer', expect.stringMatching(/^127\.0\.0\.1:\d+$/)],
        ['hop', '10.0.0.7'],
        ['hop', '173.245.48.9'],
        ['client', '203.0.113.9'],
      ])
      const text = (await page.locator('.walk').allInnerTexts()).join()
      expect(text).toContain('trusted by rule cdn (173.245.48.0/20)')
      expect(text).toContain('that no rule trusts')
      expect(text).toContain('x-real-ip claims 8.8.8.8')
      expect(text).toMatch(/x-forwarded-for: 192\.0\.2\.66\s+beyond the node/)
      expect(await decision('203.0.113.9').textContent()).toContain('GET /cart')
      expect(errors).toEqual([])
    })

    test('works by keyboard: open a walk, filter, pause, and try evidence', async () => {
      await look(service)
      await ask(service, '/one', { 'x-forwarded-for': '198.51.100.1' })
      await decision('198.51.100.1').waitFor()
      await decision('198.51.100.1').focus()
      await page.keyboard.press('Enter')
      await page.locator('.walk').waitFor()
      // Whoever is in the list holds it still, and lets it go on with nothing left open.
      await page.getByRole('button', { name: 'Pause', pressed: true }).waitFor()
      await page.keyboard.press('Enter')
      await page.locator('.walk').waitFor({ state: 'detached' })

      await page.getByRole('searchbox', { name: 'Search' }).focus()
      await page.keyboard.type('nobody like this')
      await page.getByText('0 decisions').waitFor()
      await page.keyboard.press('Control+A')
      await page.keyboard.press('Backspace')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Space')
      await page.getByRole('button', { name: 'Pause', pressed: true }).waitFor()
      await ask(service, '/two', { 'x-forwarded-for': '198.51.100.2' })
      // What was counted arrives; the list stays as it was.
      await page.locator('.clients').getByText('198.51.100.2').waitFor()
      expect(await decision('198.51.100.2').count()).toBe(0)
      await page.keyboard.press('Space')
      await decision('198.51.100.2').waitFor()

      await page.getByRole('textbox', { name: 'Socket peer' }).focus()
      await page.keyboard.type('10.0.0.1')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.type('X-Forwarded-For: 198.51.100.77')
      // What builds a PROXY header comes before the button.
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Client: 198.51.100.77' }).waitFor()
      expect(errors).toEqual([])
    })

    test('holds the list still for whoever is in it, whatever comes meanwhile', async () => {
      await look(service)
      await page.getByText('No decision yet').waitFor()
      await ask(service, '/opened', { 'x-forwarded-for': '198.51.100.1' })
      await decision('/opened').click()
      await page.locator('.walk').waitFor()
      for (let i = 0; i < 20; i++) await ask(service, '/', { 'x-forwarded-for': '198.51.100.2' })
      await page.getByText('1 decision; held still, 20 newer ones').waitFor()
      expect(await page.locator('.walk').count()).toBe(1)
      expect(await page.evaluate('document.activeElement.textContent')).toContain('/opened')
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByText('21 decisions').waitFor()
      expect(await page.locator('.walk').count()).toBe(0)
    })

    test('shows how near its limit a client is', async () => {
      await look(service)
      for (let i = 0; i <= LIMIT; i++) {
        await ask(service, '/limited', { 'x-forwarded-for': '2001:db8:1:2::7' })
      }
      const row = page.locator('.clients li').filter({ hasText: '2001:db8:1:2::/64' })
      await row.getByText(`${LIMIT} of ${LIMIT}`).waitFor()
      await row.getByText(`${LIMIT + 1} requests`).waitFor()
      await row.getByText('1 over the limit').waitFor()
    })

    test('draws what is odd, and lists it', async () => {
      await look(service)
      await ask(service, '/', { 'x-forwarded-for': 'unknown' })
      await page.getByRole('img', { name: /^Decisions: \d+ resolved, 1 undetermined$/ }).waitFor()
      const list = page.locator('.anomalies li')
      expect(await list.first().textContent()).toMatch(
        /undetermined\s*unidentified-node by rule local proxy\s*from 127/,
      )
    })

    test('says what a plot counts: of what, in how long, and how many', async () => {
      await look(service)
      const plot = page.locator('.plot').filter({ hasText: /^Decisions/ })
      await plot.getByText('in 5 s', { exact: true }).waitFor()
      const side = () => plot.locator('.scale li').allInnerTexts()
      expect(await side()).toEqual(['4', '2', '0'])
      expect(await plot.locator('.axis span').allInnerTexts()).toEqual([
        '10 minutes ago',
        '5 minutes ago',
        'now',
      ])
      // All in one bar or in two: one of them has more than ten.
      await Promise.all(
        Array.from({ length: 21 }, () => ask(service, '/', { 'x-forwarded-for': '198.51.100.7' })),
      )
      await expect.poll(side).toSatisfy(([top]: string[]) => ['20', '40'].includes(top ?? ''))
      const heights = await plot.locator('.bars rect').evaluateAll((bars) => {
        const all = bars.map((bar) => Number(bar.getAttribute('height')))
        return Math.max(...all)
      })
      expect(heights).toBeLessThanOrEqual(120)
    })

    test('lists what is odd many times once, with its count', async () => {
      await look(service)
      for (let i = 0; i < 3; i++) await ask(service, '/', { 'x-forwarded-for': 'unknown' })
      const list = page.locator('.anomalies li')
      await list.getByText('3 times').waitFor()
      expect(await list.count()).toBe(1)
    })

    test('a link to a section leads there, and a row says through which hops', async () => {
      await ask(service, '/via', { 'x-forwarded-for': '198.51.100.7, 10.0.0.7' })
      await look(service, {}, '#try')
      const top = () => page.locator('#try').evaluate((node) => node.getBoundingClientRect().top)
      await expect.poll(top).toBeLessThan(page.viewportSize()?.height ?? 0)
      expect(await decision('/via').textContent()).toContain('via local proxy → local proxy')
    })

    test('shows hostile headers as the text that they are', async () => {
      await look(service)
      for (const text of HOSTILE) {
        await ask(service, `/?${encodeURIComponent(text)}`, {
          'x-forwarded-for': text,
          'x-real-ip': text,
          'cf-connecting-ip': text,
        })
      }
      await expect
        .poll(() => page.locator('.decisions summary .undetermined.badge').count())
        .toBe(HOSTILE.length)
      await openAll(page)
      const shown = await page.locator('.walk').allInnerTexts()
      expect(shown.join('\n')).toContain('<script>')
      expect(shown.join('\n')).toContain('onerror=')

      const form = page.getByRole('textbox', { name: 'Request headers' })
      await form.fill(HOSTILE.map((text) => `X-Forwarded-For: ${text}`).join('\n'))
      await page.getByRole('textbox', { name: 'Socket peer' }).fill('10.0.0.1')
      await page.getByRole('button', { name: 'Explain', exact: true }).click()
      await page.getByRole('heading', { name: 'Client: undetermined' }).waitFor()
      await page.getByRole('textbox', { name: 'Socket peer' }).fill(HOSTILE[1] ?? '')
      await page.getByRole('button', { name: 'Explain', exact: true }).click()
      await page.getByText('Write an address without a port').waitFor()

      expect(await page.evaluate('globalThis.hacked')).toBeUndefined()
      expect(await page.locator('main img, main script, main svg[onload]').count()).toBe(0)
      expect(errors).toEqual([])
    })
  })

  test('masks addresses as it is told to', async () => {
    const service = await startService('fastify', { allow: ['loopback'], address: 'truncated' })
    await look(service)
    await ask(service, '/of/198.51.100.77', {
      'x-forwarded-for': '192.0.2.66, 198.51.100.77',
      'x-real-ip': '203.0.113.9',
    })
    await decision('198.51.100.0').click()
    await page.locator('.clients').getByText('198.51.100.0').waitFor()
    await page.getByText('addresses truncated').waitFor()
    expect(await page.locator('#app').textContent()).not.toMatch(/\.77|\.66|113\.9/)
    await context.close()
    await service.stop()
  })

  test('shows the tokens of the log where the log shows tokens', async () => {
    const key = 'a key for nothing but this test'
    const address = addressPrivacy({ address: 'hmac', hmac: { key } })
    const service = await startService('fastify', { allow: ['loopback'], address })
    await look(service)
    await ask(service, '/', { 'x-forwarded-for': '198.51.100.77:4711' })
    await decision(address.redact('198.51.100.77')).click()
    await page.getByText('addresses as tokens').waitFor()
    expect(await page.locator('.decisions').textContent()).not.toMatch(/198\.51|4711|127\.0\.0\.1:/)
    await context.close()
    await service.stop()
  })

  test('shows a denied client nothing', async () => {
    const service = await startService('fastify', { allow: ['192.0.2.0/24'] })
    const opened = await browser.open()
    const denied = await opened.context.newPage()
    const response = await denied.goto(`${service.url}/_truehop/`)
    expect(response?.status()).toBe(403)
    expect(await denied.content()).not.toContain('inspector')
    await opened.context.close()
    await service.stop()
  })

  test('leaves its place to others while nobody can see it', async () => {
    const service = await startService('fastify', { allow: ['loopback'], maxViewers: 1 })
    await look(service)
    const show = (state: string) =>
      page.evaluate(`
        Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      `)
    const watch = async (): Promise<number | undefined> => {
      const headers = { 'sec-fetch-site': 'same-origin' }
      const asked = get(`${service.url}/_truehop/events`, { headers, agent: false })
      const [response]: IncomingMessage[] = await once(asked, 'response')
      asked.destroy()
      return response?.statusCode
    }
    expect(await watch()).toBe(503)
    await show('hidden')
    await expect.poll(watch).toBe(200)
    await ask(service, '/', { 'x-forwarded-for': '198.51.100.7' })
    await show('visible')
    await decision('198.51.100.7').waitFor()
    await context.close()
    await service.stop()
  })

  test('lists connections refused to one peer once, whatever their ports', async () => {
    const hops = [{ from: ['127.0.0.1'], asserts: 'proxy-protocol' }]
    const app = fastify()
    await app.register(truehop, { hops, proxyProtocol: { optional: true } })
    await app.register(inspector, { prefix: '/_truehop', allow: ['loopback'] })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    for (let i = 0; i < 3; i++) {
      const refused = connect(Number(new URL(url).port), '127.0.0.1')
      refused.on('error', () => {})
      refused.end('PROXY nonsense\r\n')
      await once(refused, 'close')
    }
    const opened = await browser.open()
    page = await opened.context.newPage()
    await page.goto(`${url}/_truehop/`)
    const list = page.locator('.anomalies li')
    await list.getByText('3 times').waitFor()
    expect(await list.count()).toBe(1)
    await page
      .getByRole('img', {
        name: 'Refused: 0 denied requests, 0 limited requests, 3 connections',
      })
      .waitFor()
    await opened.context.close()
    await app.close()
  })

  test('comes back by itself after the server was away', async () => {
    const service = await startService('fastify', { allow: ['loopback'] })
    await look(service, { viewport: { width: 700, height: 600 } })
    await service.stop()
    await page.getByText('Connection lost, trying again').waitFor()
    const hidden = await page.evaluate(
      "document.querySelector('.top').clientHeight - Number.parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop)",
    )
    expect(hidden).toBeLessThanOrEqual(0)
    const port = Number(new URL(service.url).port)
    const again = await startService('fastify', { allow: ['loopback'] }, port)
    await page.getByText('Live', { exact: true }).waitFor()
    await ask(again, '/', { 'x-forwarded-for': '198.51.100.7' })
    await decision('198.51.100.7').waitFor()
    await context.close()
    await again.stop()
  })

  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
    ['in a narrow window', { viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' }],
  ])('%s: axe finds nothing, and nothing is wider than the window', async (_name, options) => {
    const service = await startService('fastify', { allow: ['loopback'] })
    await look(service, options)
    const spread = { 'x-forwarded-for': `${'x'.repeat(300)}, 10.0.0.7`, 'x-real-ip': '8.8.8.8' }
    await ask(service, `/${'long'.repeat(40)}`, spread)
    await ask(service, '/', { 'x-forwarded-for': '2001:db8:1111:2222:3333:4444:5555:6666' })
    await ask(service, '/limited', { 'x-forwarded-for': '198.51.100.7' })
    await decision('198.51.100.7').waitFor()
    await openAll(page)
    await page.getByRole('textbox', { name: 'Socket peer' }).fill('10.0.0.300')
    await page.getByRole('button', { name: 'Explain', exact: true }).click()
    await page.getByText('Nothing was asked').waitFor()
    expect(await accessibilityFindings(page)).toEqual([])
    const long = '2001:db8:1111:2222:3333:4444:5555:6666'
    await page.getByRole('textbox', { name: 'Socket peer' }).fill(long)
    await page.getByRole('button', { name: 'Explain', exact: true }).click()
    await page.getByRole('heading', { name: `Client: ${long}` }).waitFor()
    await page.locator('.result summary').click()
    expect(await accessibilityFindings(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    expect(await brokenTexts(page.locator('strong'))).toEqual([])
    expect(errors).toEqual([])
    await context.close()
    await service.stop()
  })
})
