import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../architecture/source-file.js'
import { temporaryFolder } from '../peers/harness/folder.js'
import { describeWithPeers } from '../peers/harness/peer.js'
import { accessibilityFindings, type Browser, openAll, overflow, startBrowser } from './browser.js'

const PAGE = join(root, 'docs/playground/index.html')

describe('the built scripts', () => {
  test.each([
    ['the page', 'packages/inspector/dist/page/inspector.js'],
    ['the playground', 'docs/playground/dist/playground.js'],
  ])('%s: loads nothing, and nothing of Node', (_name, path) => {
    const script = readFileSync(join(root, path), 'utf8')
    expect(script.length).toBeGreaterThan(10_000)
    expect(script).not.toMatch(
      /["'`]node:|\brequire\(|\bimport\(|^import\b|\bBuffer\b|\bprocess\./m,
    )
    expect(script).not.toMatch(/\beval\(|new Function|innerHTML\s*=\s*[^=]*location/)
  })
})

describeWithPeers(['chromium'], 'the playground, opened as a file', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await startBrowser()
  })

  afterAll(() => browser.stop())

  async function open(options = {}): Promise<{ page: Page; errors: string[]; asked: string[] }> {
    const { context, errors } = await browser.open(options)
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`file://${PAGE}`)
    return { page, errors, asked }
  }

  const explain = (page: Page) => page.getByRole('button', { name: 'Explain', exact: true }).click()

  test('says what to run where its script has not been built', async () => {
    const folder = temporaryFolder('playground')
    copyFileSync(PAGE, join(folder, 'index.html'))
    const { context } = await browser.open()
    const page = await context.newPage()
    await page.goto(`file://${folder}/index.html`)
    const command = await page.locator('code').textContent()
    expect(command).toMatch(/^npm run \w+$/)
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(Object.keys(scripts)).toContain(command?.slice('npm run '.length))
    await context.close()
    rmSync(folder, { recursive: true })
  })

  test('explains the evidence it starts with, for every topology', async () => {
    const { page, errors } = await open()
    const examples = page.getByLabel('Start from')
    const groups = examples.locator('optgroup')
    const names = await groups.first().locator('option').allInnerTexts()
    expect(names.length).toBeGreaterThan(8)
    expect(await groups.last().locator('option').count()).toBeGreaterThan(40)
    for (const name of names) {
      await examples.selectOption(name)
      await explain(page)
      await page.getByRole('heading', { name: 'Client: 198.51.100.7' }).waitFor()
    }
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('explains with a policy that was typed, and asks nobody', async () => {
    const { page, errors, asked } = await open()
    await page.getByLabel('Policy as JSON').fill('{"trust":["192.0.2.0/24"],"header":"forwarded"}')
    await page.getByRole('textbox', { name: 'Socket peer' }).fill('192.0.2.1')
    await page.getByRole('textbox', { name: 'PROXY headers' }).fill('')
    await page
      .getByRole('textbox', { name: 'Request headers' })
      .fill('Forwarded: for="[2001:db8::7]:4711";proto=https')
    await explain(page)
    await page.getByRole('heading', { name: 'Client: 2001:db8::7' }).waitFor()
    expect(asked.every((url) => url.startsWith('file://'))).toBe(true)
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('has an address that shows somebody else the same, and exports the policy', async () => {
    const { page, errors, asked } = await open()
    await page.getByLabel('Policy as JSON').fill('{"trust":["192.0.2.0/24"],"header":"forwarded"}')
    await page.getByRole('textbox', { name: 'Socket peer' }).fill('192.0.2.1')
    await page.getByRole('textbox', { name: 'PROXY headers' }).fill('')
    await page.getByRole('textbox', { name: 'Request headers' }).fill('Forwarded: for=“é”')
    const shared = () => Buffer.from(page.url().split('#try=')[1] ?? '', 'base64url').toString()
    // The address follows the last key a moment later.
    await expect.poll(shared).toContain('Forwarded: for=“é”')
    const other = await page.context().newPage()
    await other.goto(page.url())
    expect(await other.getByLabel('Policy as JSON').inputValue()).toContain('"192.0.2.0/24"')
    expect(await other.getByRole('textbox', { name: 'Socket peer' }).inputValue()).toBe('192.0.2.1')
    await other.getByRole('heading', { name: 'Client: undetermined' }).waitFor()
    await other.getByRole('button', { name: 'As code for Fastify' }).click()
    await other.getByText("import { truehop } from '@truehop/fastify'").waitFor()
    expect(asked.every((url) => url.startsWith('file://'))).toBe(true)
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('builds a PROXY header, and says what the receiver would refuse', async () => {
    const { page, errors } = await open()
    const proxy = page.getByRole('textbox', { name: 'PROXY headers' })
    await proxy.fill('')
    await explain(page)
    await page.getByText('The connection is refused').waitFor()
    await page.getByText('http-without-header').waitFor()
    await page.getByText('Build a PROXY header').click()
    await page.getByLabel('Source').fill('173.245.48.9:51442')
    await page.getByRole('button', { name: 'Add header' }).click()
    expect(await proxy.inputValue()).toBe('PROXY TCP4 173.245.48.9 10.0.0.5 51442 443')
    await explain(page)
    await page.getByRole('heading', { name: 'Client: 198.51.100.7' }).waitFor()
    await page.getByLabel('Source').fill('nobody')
    await page.getByText('The source is an address with a port').waitFor()
    expect(errors).toEqual([])
    await page.context().close()
  })

  test('can send nothing anywhere, and runs nothing that is written into it', async () => {
    const { page } = await open()
    const outcomes = await page.evaluate(`(async () => {
      const sent = await fetch('http://127.0.0.1:9/').then(String, String)
      const image = await new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => {
          if (event.effectiveDirective === 'img-src') resolve('refused')
        })
        new Image().src = 'http://127.0.0.1:9/'
      })
      const script = document.createElement('script')
      try {
        script.textContent = 'globalThis.written = 1'
        document.body.append(script)
      } catch {}
      return [sent, image, 'written' in globalThis]
    })()`)
    expect(outcomes).toEqual([expect.stringContaining('Failed to fetch'), 'refused', false])
    await page.context().close()
  })

  test('says where a walk stopped, and not at the hop before', async () => {
    const { page } = await open()
    const hops = [
      { from: ['10.0.0.1'], asserts: 'x-forwarded-for' },
      { from: ['173.245.48.9'], asserts: 'cf-connecting-ip', required: true },
    ]
    await page.getByLabel('Policy as JSON').fill(JSON.stringify({ hops }))
    await page.getByRole('textbox', { name: 'Socket peer' }).fill('10.0.0.1')
    await page.getByRole('textbox', { name: 'PROXY headers' }).fill('')
    const headers = page.getByRole('textbox', { name: 'Request headers' })
    const end = page.locator('.walk .node.undetermined')
    await headers.fill('X-Forwarded-For: 173.245.48.9')
    await explain(page)
    await end.getByText('stopped at 173.245.48.9', { exact: true }).waitFor()
    await page.getByText('which is absent or empty. Rule hop-2.').waitFor()
    await headers.fill('X-Forwarded-For: unknown')
    await explain(page)
    await end.getByText('10.0.0.1 is a hop, and its entry names nobody').waitFor()
    await page.context().close()
  })

  test.each([
    ['{', /JSON/],
    ['{"trust":["10.0.0.0/33"],"header":"forwarded"}', /trust\[0\][\s\S]*bad-prefix/],
    ['{"trust":1,"header":"forwarded"}', /^trust/],
    ['null', /.+/],
  ])('says what is wrong with the policy %s', async (text, message) => {
    const { page, errors } = await open()
    await page.getByLabel('Policy as JSON').fill(text)
    const problem = page.locator('#policy-text-problem')
    await problem.waitFor()
    expect(await problem.textContent()).toMatch(message)
    await explain(page)
    await page.getByText('cannot be used yet').waitFor()
    expect(errors).toEqual([])
    await page.context().close()
  })

  test.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
  ])('%s: axe finds nothing, and nothing is wider than the window', async (_name, options) => {
    const { page } = await open(options)
    await explain(page)
    await page.getByRole('heading', { name: /^Client/ }).waitFor()
    await openAll(page)
    expect(await accessibilityFindings(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    await page.context().close()
  })
})
