import type { Server } from 'node:net'

/** Lines that Node keeps of an HTTP/1 request unless `server.maxHeadersCount` says otherwise. */
const NODE_DEFAULT = 1000

/**
 * Whether an HTTP/1 request may have had more header lines than Node kept. Some versions drop
 * the rest without a word (20 and 25 among them; others answer 431), and 4 KB of lines that a
 * client sends are enough to push out the line that a proxy appends to them.
 *
 * A request that fills the limit to the last line counts as cut off: nothing tells it apart.
 *
 * `rawHeaders` is name, value, name, value, …; with `maxHeadersCount` 0 Node keeps all.
 */
export function mayLackHeaders(
  rawHeaders: readonly string[] | undefined,
  maxHeadersCount = NODE_DEFAULT,
): boolean {
  return maxHeadersCount > 0 && (rawHeaders?.length ?? 0) >= 2 * maxHeadersCount
}

/** What an HTTP server has been told about it, if anything. 0: it keeps all. */
export function maxHeadersCountOf(server: Server): number | undefined {
  return (server as { readonly maxHeadersCount?: number | null }).maxHeadersCount ?? undefined
}
