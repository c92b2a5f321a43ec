import { LiveSource } from './live-source.js'
import { type RangesOptions, rangesSettings } from './ranges-options.js'

/**
 * Address ranges that follow a file or a URL, for `from` of a rule.
 *
 * Reading starts at once; `await ranges.ready` at start-up makes sure that a list is in. A list
 * is checked whole before it comes into force: broken, empty, shrunken or absurdly wide lists
 * never replace a good one. The state is in `status()`, on the channels `truehop.ranges.updated`,
 * `.failed` and (once, when it comes to that) `.stale`, and in `policy.status()`. Polling keeps no
 * process alive. It ends with `close()`, and where no policy, list or other code holds the ranges any more.
 *
 * @throws {PolicyError} `bad-ranges` for options that are not exactly `RangesOptions`.
 */
export function rangesFrom(options: RangesOptions): LiveSource {
  return new LiveSource(rangesSettings(options))
}
