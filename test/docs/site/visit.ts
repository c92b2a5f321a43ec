import type { Page } from 'playwright-core'

/**
 * Opens a page of the site, and waits until its scripts run: what is in the HTML can be clicked before
 * that, and nothing comes of it. Vue writes the application on the element when it has taken it over.
 */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url, { waitUntil: 'networkidle' })
  await page.waitForFunction("document.querySelector('#app')?.__vue_app__ !== undefined")
}
