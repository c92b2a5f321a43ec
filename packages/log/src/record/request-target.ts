/** The parts of a request target (RFC 9112 section 3.2) that a record has. */
export interface RequestTarget {
  readonly path: string
  /** Without the question mark; undefined if there is none. */
  readonly query: string | undefined
}

/** Reads origin form, absolute form and `*`. Never throws, decodes nothing. */
export function requestTarget(target: string): RequestTarget {
  const start = target.startsWith('/') ? 0 : pathStart(target)
  const mark = target.indexOf('?', start)
  const path = mark === -1 ? target.slice(start) : target.slice(start, mark)
  return { path: path === '' ? '/' : path, query: mark === -1 ? undefined : target.slice(mark + 1) }
}

/** `http://host/path`: where the path starts; 0 if there is no authority. */
function pathStart(target: string): number {
  const scheme = /^[A-Za-z][A-Za-z\d+.-]{0,31}:\/\//.exec(target)
  if (scheme === null) return 0
  const end = target.slice(scheme[0].length).search(/[/?]/)
  return end === -1 ? target.length : scheme[0].length + end
}
