// What a CommonJS file of `lib` loads when it is first asked for something in it, and not before: code
// and data that few services need. Only what runs at start-up, or when an operator asks: the files may
// be gone, replaced by those of a newer version, while the process still answers requests.

import { join } from 'node:path'

/** By package: files of `lib`, and the module that each is for, with what only that needs. */
const LATE = {
  allowlist: { geo: 'geo/geo' },
  identity: { platforms: 'platforms/platforms', 'live-ranges': 'ranges/live-source' },
  'rate-limit': {
    cluster: 'store/cluster-store',
    guard: 'store/guard',
    redis: 'store/redis/redis-store',
  },
}

/** `{ platforms: '…/dist/platforms/platforms.js' }` of the package in a folder. */
export function lateFiles(folder) {
  const name = Object.keys(LATE).find((each) => folder.endsWith(join('packages', each))) ?? ''
  const files = Object.entries(LATE[name] ?? {})
  return Object.fromEntries(files.map(([file, path]) => [file, join(folder, 'dist', `${path}.js`)]))
}

const NAMES = Object.values(LATE).flatMap((files) => Object.keys(files))
const REQUIRED = new RegExp(
  `^(?:let|const) (\\w+) = (require\\("\\./(?:${NAMES.join('|')})\\.cjs"\\));`,
  'gm',
)

/** Makes the `require` of such a file a function, which is called where the code uses it. */
export const late = {
  name: 'late',
  renderChunk(code) {
    const names = [...code.matchAll(REQUIRED)].map(([, name]) => name)
    if (names.length === 0) return null
    const used = names.join('|')
    return code
      .replace(REQUIRED, 'const $1 = () => $2;')
      .replaceAll(new RegExp(`\\bnew (${used})(\\.\\w+)`, 'g'), 'new ($1()$2)')
      .replaceAll(new RegExp(`\\b(${used})(?=\\.)`, 'g'), '$1()')
  },
}
