import { choice, nearest, type Report, show } from '@truehop/options'
import type { Platform } from './platform.js'
import { platformOf, platforms } from './platforms.js'

/** The platform with an id; an unknown id is reported, with the id that was probably meant. */
export function readPlatform(id: unknown, path: string, report: Report): Platform | undefined {
  const platform = typeof id === 'string' ? platformOf(id) : undefined
  if (platform === undefined) {
    const message = `must be a known platform, got ${show(id)}; write ${meantBy(id)}`
    report({ path, code: 'bad-platform', message })
  }
  return platform
}

function meantBy(id: unknown): string {
  const ids = platforms.map((known) => known.id)
  if (typeof id === 'string') {
    const whole = idsWithWordsOf(id, ids)
    if (whole.length > 0) return choice(whole.map(show))
    const near = nearest(id, ids)
    if (near !== undefined) return show(near)
  }
  return `one of ${ids.join(', ')}`
}

/**
 * The ids that have every word of what was written: `alb` is short for `aws-alb`. They go before
 * an id that is a few letters away, which for `linode` would be `iisnode`.
 */
function idsWithWordsOf(id: string, ids: readonly string[]): readonly string[] {
  if (id.length > 80) return []
  const words = id.toLowerCase().match(/[a-z0-9]+/g) ?? []
  return words.length === 0
    ? []
    : ids.filter((known) => words.every((word) => known.split('-').includes(word)))
}
