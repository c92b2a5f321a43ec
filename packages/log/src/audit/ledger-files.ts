import { createReadStream } from 'node:fs'

/** The name of a file, or what opens it: it is opened twice where there are several. */
export type LedgerFile = string | (() => AsyncIterable<Uint8Array | string>)

/** One file or several in any order, or the bytes themselves. */
export type LedgerSource = string | readonly LedgerFile[] | AsyncIterable<Uint8Array | string>

/** Bytes at the beginning of a file in which its first record tells its time. */
const BEGINNING = 65_536

/** Files by the time of their first record: those of one process then follow each other. */
export async function* inTheirOrder(source: LedgerSource): AsyncGenerator<Uint8Array | string> {
  if (typeof source !== 'string' && !Array.isArray(source)) {
    yield* source as AsyncIterable<Uint8Array | string>
    return
  }
  const files: readonly LedgerFile[] = typeof source === 'string' ? [source] : source
  for (const file of files.length > 1 ? await sorted(files) : files) yield* opened(file)
}

async function sorted(files: readonly LedgerFile[]): Promise<LedgerFile[]> {
  const dated: { file: LedgerFile; begins: string }[] = []
  for (const file of files) dated.push({ file, begins: await firstTime(file) })
  return dated
    .toSorted((a, b) => (a.begins < b.begins ? -1 : Number(a.begins > b.begins)))
    .map(({ file }) => file)
}

async function firstTime(file: LedgerFile): Promise<string> {
  let text = ''
  for await (const chunk of opened(file)) {
    text += Buffer.from(chunk).toString('latin1')
    if (text.length >= BEGINNING) break
  }
  return /"seq\\?":\d+,\\?"time\\?":\\?"([^"\\]*)/.exec(text.slice(0, BEGINNING))?.[1] ?? ''
}

function opened(file: LedgerFile): AsyncIterable<Uint8Array | string> {
  return typeof file === 'string' ? createReadStream(file) : file()
}
