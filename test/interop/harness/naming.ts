import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { parseAddress } from '@truehop/ip'
import type { Answer } from './peer.js'

/** Whom a page names that says `client=` and an address; the last one counts where it is a list. */
export async function namedByPage({ text }: Answer): Promise<string | undefined> {
  const list = /client=([\d.:a-f, ]+)/i.exec(text)?.[1]
  return folded(list?.split(',').at(-1)?.trim())
}

/** A mapped address is the IPv4 address in it. */
export function folded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (parseAddress(text)?.text ?? text)
}

/** How long a log may lag behind on a busy machine. */
const LAG_MS = 10_000

/** Reads the lines a program adds to its log: whom it names in the first one since the last look. */
export function logReader(
  file: string,
  pattern: RegExp,
): { named(): Promise<string | undefined>; skip(): Promise<void> } {
  let read = 0
  const added = async (): Promise<string> => {
    const text = await readFile(file, 'latin1').catch(() => '')
    return text.slice(read)
  }
  return {
    async named() {
      for (const start = Date.now(); Date.now() - start < LAG_MS; await delay(20)) {
        const found = pattern.exec(await added())
        if (found !== null) return folded(found[1])
      }
      return undefined
    },
    async skip() {
      read += (await added()).length
    },
  }
}
