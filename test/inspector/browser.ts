import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'
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

/** Debian's Chromium without a window; it asks nobody but the service under test. */
export async function startBrowser(): Promise<Browser> {
  const home = mkdtempSync(join(tmpdir(), 'truehop-chromium-'))
  const browser = await chromium.launch({
    executablePath: peerPath('chromium'),
    args: FLAGS,
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
