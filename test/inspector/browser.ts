import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe, { type AxeResults } from 'axe-core'
import {
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core'
import { peerPath } from '../peers/harness/peer.js'

export interface Browser {
  /** A browser of its own, and the errors that its pages print. */
  open(options?: BrowserContextOptions): Promise<{ context: BrowserContext; errors: string[] }>
  stop(): Promise<void>
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Debian's Chromium without a window; it asks nobody but the service under test. `names` are those
 * that lead to this machine, which browsers trust less than `localhost`.
 */
export async function startBrowser(names: readonly string[] = []): Promise<Browser> {
  const home = mkdtempSync(join(tmpdir(), 'truehop-chromium-'))
  const browser = await chromium.launch({
    executablePath: peerPath('chromium'),
    args: [
      ...FLAGS,
      `--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join()}`,
    ],
    env: { ...process.env, HOME: home },
  })
  return {
    async open(options) {
      const context = await browser.newContext(options)
      const errors: string[] = []
      context.on('weberror', (error) => errors.push(String(error.error())))
      context.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text())
      })
      return { context, errors }
    },
    async stop() {
      await browser.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** What axe-core finds on the page as it is now: the rule, and where. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  // Half a megabyte, which a page that was looked at before has.
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)')
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** Opens everything that can be opened. */
export async function openAll(page: Page): Promise<void> {
  const closed = page.locator('details:not([open]) > summary')
  while ((await closed.count()) > 0) await closed.first().click()
}

/** Pixels by which the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  const root = 'document.documentElement'
  return page.evaluate<number>(`${root}.scrollWidth - ${root}.clientWidth`)
}

/** Runs of text, as the page has them between places to break at, that stand on several lines. */
export function brokenTexts(elements: Locator): Promise<string[]> {
  return elements.evaluateAll((found) =>
    found.flatMap((element) =>
      [...element.childNodes]
        .filter((node) => {
          const range = element.ownerDocument.createRange()
          range.selectNodeContents(node)
          return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1
        })
        .map(({ textContent }) => textContent ?? ''),
    ),
  )
}

/** Texts and controls that cover each other, two by two; what is pinned to the top covers on purpose. */
export function covered(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const isOwn = (element) =>
      element.matches('button, input, select, textarea, summary, meter') ||
      [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')
    const boxes = [...document.querySelectorAll('main *')]
      .filter((element) => isOwn(element) && element.checkVisibility())
      .filter((element) => !element.closest('.visually-hidden, option, svg'))
      .flatMap((element) => [...element.getClientRects()].map((box) => ({ element, box })))
      .filter(({ box }) => box.width > 2 && box.height > 2)
    const found = []
    for (const [index, a] of boxes.entries()) {
      for (const b of boxes.slice(index + 1)) {
        if (a.element.contains(b.element) || b.element.contains(a.element)) continue
        const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
        const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
        if (width > 2 && height > 2) {
          found.push(a.element.outerHTML.slice(0, 80) + ' and ' + b.element.outerHTML.slice(0, 80))
        }
      }
    }
    return found
  })()`)
}
