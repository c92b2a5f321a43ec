import type { DecisionView, Trial } from '../src/view/view.js'

/** The forms in which a decision can be taken along. */
export const COPIES = [
  ['curl', 'curl'],
  ['explain', 'truehop explain'],
  ['test', 'test case'],
] as const

export type Copy = (typeof COPIES)[number][0]

/** The evidence of a decision as a command or a test. Everything in it may come from an attacker. */
export function copiedText(
  form: Copy,
  decision: DecisionView,
  evidence: Trial,
  base: string,
): string {
  if (form === 'curl') return curlText(decision, evidence, base)
  return form === 'explain' ? explainText(evidence) : testText(decision, evidence)
}

function curlText({ method, path }: DecisionView, { proxy, headers }: Trial, base: string): string {
  const source = /^PROXY TCP[46] (\S+) /.exec(proxy)?.[1]
  const url = new URL(base)
  // Only as a path: written behind the base, `//host` and a backslash would lead to another host.
  if (/^\/[\x21-\x7e]*$/.test(path) && !path.includes('\\')) url.pathname = path
  return [
    // To curl, brackets and braces are a pattern: a path could stand for a million requests.
    'curl --silent --show-error --include --globoff',
    ...(method === 'GET' ? [] : [`--request ${shellWord(method)}`]),
    ...(source === undefined ? [] : [`--haproxy-protocol --haproxy-clientip ${shellWord(source)}`]),
    ...headerLines(headers).map((line) => `--header ${shellWord(forCurl(line))}`),
    shellWord(url.href),
  ].join(' \\\n  ')
}

function explainText({ peer, proxy, headers }: Trial): string {
  return [
    'truehop explain --policy policy.json',
    `--peer ${shellWord(peer)}`,
    ...lines(proxy).map((line) =>
      line.startsWith('PROXY') ? `--proxy ${shellWord(line)}` : `--proxy-hex ${shellWord(line)}`,
    ),
    ...headerLines(headers).map((line) => `--header ${shellWord(line)}`),
  ].join(' \\\n  ')
}

/** A token (RFC 9110 section 5.6.2) and a colon. */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/

/** Only headers: curl sends what is in a file for a line that begins with `@`. */
function headerLines(text: string): string[] {
  return lines(text).filter((line) => HEADER.test(line))
}

/** curl leaves a header without a value out, unless it ends with a semicolon in place of the colon. */
function forCurl(line: string): string {
  return line.replace(/^([^:]*):\s*$/, '$1;')
}

/**
 * One word of a POSIX shell. What could move the cursor of the terminal that it is pasted into, or
 * look like another character, is written as bytes, as bash, zsh and ksh read them.
 */
export function shellWord(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`
  const bytes = new TextEncoder().encode(text)
  const shown = Array.from(bytes, (byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && !ESCAPED.has(byte)
    return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
  })
  return `$'${shown.join('')}'`
}

/** What ends or escapes in a word, and `!`, for which an interactive shell inserts an earlier command. */
const ESCAPED: ReadonlySet<number> = new Set([0x27, 0x5c, 0x21])

function testText({ walk: { outcome } }: DecisionView, { peer, proxy, headers }: Trial): string {
  const { status, client, reason } = outcome
  const fields = Object.fromEntries(
    headerLines(headers).map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const name = client === undefined ? `names nobody: ${reason}` : `the client is ${client}`
  const decoded = lines(proxy).map((line) => `decode(${bytesText(line)}).header`)
  const expected = client === undefined ? { status, reason } : { status, ip: client, reason }
  return [
    `test(${literal(name)}, () => {`,
    '  const identity = resolve(policy, {',
    `    peer: ${literal(peer)},`,
    `    headers: ${literal(fields)},`,
    `    proxyHeaders: [${decoded.join(', ')}],`,
    '  })',
    `  expect(identity).toMatchObject(${literal(expected)})`,
    '})',
    '',
  ].join('\n')
}

/** The bytes of one PROXY header, in what every runtime has. */
function bytesText(line: string): string {
  if (line.startsWith('PROXY')) return `new TextEncoder().encode(${literal(`${line}\r\n`)})`
  return `Uint8Array.from(${literal(line)}.match(/../g), (pair) => Number.parseInt(pair, 16))`
}

/** A literal of JavaScript, in characters that look like what they are. */
function literal(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
