import { XForwardedForCursor } from './x-forwarded-for.js'

/**
 * The n-th element from the right of a comma-separated list, or its only element; undefined if it
 * has several but fewer than n. For lists that run parallel to `X-Forwarded-For`.
 */
export function nthElementFromRight(text: string, n: number): string | undefined {
  const list = new XForwardedForCursor(text)
  let passed = 0
  while (passed < n && list.hasUnread()) {
    list.skip()
    passed++
  }
  return passed === n || passed === 1 ? list.element : undefined
}
