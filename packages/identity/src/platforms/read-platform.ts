import { nearest, type Report, show } from '@truehop/options'
import type { Platform } from './platform.js'
import { platformOf, platforms } from './platforms.js'

/** The platform with an id; an unknown id is reported, with the id that was probably meant. */
export function readPlatform(id: unknown, path: string, report: Report): Platform | undefined {
  const platform = typeof id === 'string' ? platformOf(id) : undefined
  if (platform === undefined) {
    const ids = platforms.map((known) => known.id)
    const near = typeof id === 'string' ? nearest(id, ids) : undefined
    const advice = near === undefined ? `write one of ${ids.join(', ')}` : `write '${near}'`
    const message = `must be a known platform, got ${show(id)}; ${advice}`
    report({ path, code: 'bad-platform', message })
  }
  return platform
}
