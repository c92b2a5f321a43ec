import { LiveSource } from './live-source.js'
import type { RangesOptions } from './ranges-options.js'
import { rangesSettings } from './read-ranges.js'

/**
 * Address ranges that follow a file or a URL, for `from` of a rule.
 *
 * Files are read at once, for start-up (in a running service, use `openRanges`); `await
 * ranges.ready` at start-up makes sure that a list is there. A whole list is checked before it
 * comes into force: broken, empty, shrunken or absurdly wide lists never replace a good one. The
 * state is in `status()`, on the channels `truehop.ranges.updated`, `.failed` and (once, when it
 * comes to that) `.stale`, and in `policy.status()`. Polling keeps no process alive. It ends with
 * `close()`, and when no policy, list or other code refers to the ranges any more.
 *
 * @throws {PolicyError} `bad-ranges` for options that are not exactly `RangesOptions`.
 */
export function rangesFrom(options: RangesOptions): LiveSource {
  return new LiveSource(rangesSettings(options))
}

/**
 * Like `rangesFrom`, for a running service: files are read while it answers, and the ranges are
 * there when the promise resolves. Rejects, and follows nothing, if there are none: the source
 * failed or a disk did not answer within 15 seconds, and neither `keep` nor `initial` has any.
 */
export async function openRanges(options: RangesOptions): Promise<LiveSource> {
  const source = new LiveSource(rangesSettings(options), 'later')
  try {
    await source.ready
  } catch (error) {
    if (source.status().size > 0) return source
    source.close()
    throw error
  }
  return source
}
