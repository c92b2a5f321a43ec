import { AllowlistError, type SharedEntries, sharedEntries } from '@truehop/allowlist'
import type { Terminal } from '../output/terminal.js'
import { messageOf, UsageError } from '../program/usage-error.js'
import { withRedis } from '../redis/connection.js'

/** Milliseconds for an answer. */
const DEADLINE = 10_000

type Client = Parameters<typeof sharedEntries>[0]['client']

/**
 * Shared entries for as long as `use` takes.
 *
 * @throws {UsageError} where there is no client to connect with, no URL, or nobody behind it.
 */
export async function withEntries(
  name: string,
  url: string | undefined,
  terminal: Terminal,
  use: (entries: SharedEntries) => Promise<void>,
): Promise<void> {
  await withRedis(url, terminal, async (client) => {
    const entries = await opened(client, name)
    try {
      await use(entries)
    } finally {
      entries.close()
    }
  })
}

async function opened(client: Client, name: string): Promise<SharedEntries> {
  try {
    const entries = sharedEntries({ client, name, maxEntries: 5_000_000, deadline: DEADLINE })
    await entries.ready
    return entries
  } catch (error) {
    throw new UsageError(error instanceof AllowlistError ? error.message : messageOf(error))
  }
}
