import { Presets, SingleBar } from 'cli-progress'
import type { Screen } from '../output/terminal.js'

/** Passes bytes on, and shows how many of `total` there were if a person is looking. */
export async function* withProgress(
  source: AsyncIterable<Uint8Array>,
  total: number | undefined,
  screen: Screen,
): AsyncGenerator<Uint8Array> {
  if (total === undefined || screen.isTTY !== true) {
    yield* source
    return
  }
  const bar = new SingleBar(
    {
      stream: screen,
      clearOnComplete: true,
      format: '{bar} {percentage}% of {total} KiB, {eta_formatted} to go',
      barsize: Math.min(40, Math.max(10, (screen.columns ?? 80) - 40)),
      // Line wrapping, once turned off, would stay off if Ctrl-C ends the run.
      linewrap: true,
    },
    Presets.shades_grey,
  )
  bar.start(kibibytes(total), 0)
  try {
    let done = 0
    for await (const chunk of source) {
      done += chunk.length
      bar.update(kibibytes(done))
      yield chunk
    }
  } finally {
    bar.stop()
  }
}

const kibibytes = (bytes: number): number => Math.ceil(bytes / 1024)
