import { headerLine } from '../evidence/header-fields.js'

/** What a listener did with one probe. */
export interface Answer {
  readonly kind: /** An HTTP/1 response came. */
    | 'http'
    /** The TLS handshake went through; nothing was asked. */
    | 'tls'
    /** Other bytes came. */
    | 'other'
    /** The connection was ended, by FIN, reset or a TLS alert, without an answer. */
    | 'closed'
    /** Nothing came in time. */
    | 'silent'
    /** There was no connection. */
    | 'unreachable'
  /** Of a response. */
  readonly status: number | undefined
  readonly contentType: string | undefined
  /** What came, one character a byte, at most 64 KiB. */
  readonly text: string
  /** Waiting was given up: the connection was still open, and more may have come. */
  readonly isLate: boolean
  /** Milliseconds from the last byte sent to the first that came. */
  readonly after: number | undefined
  /**
   * Milliseconds from the first piece that was sent to the end of the connection, where the listener
   * did not wait for the last piece.
   */
  readonly cutAfter: number | undefined
  /** This end of the connection: who the listener's socket peer is. */
  readonly localAddress: string | undefined
}

/** Bytes kept of an answer. */
export const MAX_ANSWER = 65_536

const STATUS_LINE = /^HTTP\/1\.\d (\d{3})/

/** Reads what came before the connection ended, was abandoned, or had answered. */
export function answerOf(
  text: string,
  otherwise: 'closed' | 'silent',
  localAddress?: string,
  after?: number,
): Answer {
  const status = STATUS_LINE.exec(text)?.[1]
  const kind = status !== undefined ? 'http' : text === '' ? otherwise : 'other'
  return {
    kind,
    status: status === undefined ? undefined : Number(status),
    contentType: fieldIn(text, 'content-type'),
    text,
    isLate: otherwise === 'silent',
    after,
    cutAfter: undefined,
    localAddress,
  }
}

/** An answer without bytes. */
export function bare(kind: Answer['kind'], localAddress?: string): Answer {
  const none = {
    status: undefined,
    contentType: undefined,
    text: '',
    after: undefined,
    cutAfter: undefined,
  }
  return { kind, ...none, isLate: kind === 'silent', localAddress }
}

/** Whether a response is there with its whole body, as far as its length is known. */
export function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0 || !STATUS_LINE.test(text)) return false
  const length = fieldIn(text, 'content-length')
  return length !== undefined && text.length >= end + 4 + Number(length)
}

function fieldIn(text: string, name: string): string | undefined {
  const head = text.slice(0, Math.max(0, text.indexOf('\r\n\r\n')))
  for (const line of head.split('\r\n')) {
    const field = headerLine(line)
    if (field?.[0].toLowerCase() === name) return field[1]
  }
  return undefined
}

/** Both were treated alike. A body may contain a time or a number, so it is not compared. */
export function alike(a: Answer, b: Answer): boolean {
  return (
    a.kind === b.kind &&
    a.status === b.status &&
    a.contentType === b.contentType &&
    agree(repliesOf(a), repliesOf(b))
  )
}

/** The reply code of SMTP, FTP and NNTP, the indicator of POP3, the status response of IMAP. */
const REPLY = /^(?:\d{3}(?=[ -])|[+-][A-Z]+|\* [A-Z]+)/

/**
 * How a service that speaks first begins: it greets clients that it serves, and turns away others.
 */
function replyOf({ kind, text }: Answer): string | undefined {
  return kind === 'other' ? REPLY.exec(text)?.[0] : undefined
}

/** The last line of a reply with a code. */
const LAST_LINE = /^\d{3}(?= )/

/**
 * The greeting, and the code of the reply to the first line: Exim greets everyone, and turns away
 * what comes after that. No further: the signature of version 2 has a line that says QUIT, which is a
 * command where nothing reads headers.
 */
function repliesOf(answer: Answer): readonly string[] {
  const first = replyOf(answer)
  if (first === undefined) return []
  const codes = answer.text.split('\n').flatMap((line) => LAST_LINE.exec(line)?.[0] ?? [])
  return [first, ...codes.slice(1, 2)]
}

/** An answer may be cut off behind its first reply. */
function agree(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return a.length === b.length
  return a[0] === b[0] && (a[1] ?? b[1]) === (b[1] ?? a[1])
}

/**
 * Whether what would decide has not come yet: anything at all, or behind a greeting with a code the
 * reply to the first line.
 */
export function isUnfinished(answer: Answer): boolean {
  if (!answer.isLate) return false
  const [greeting, reply] = repliesOf(answer)
  const isWaiting = greeting !== undefined && /^\d/.test(greeting) && reply === undefined
  return answer.kind === 'silent' || isWaiting
}

/** A temporary or permanent error, `-ERR`, `* BYE`: services that speak first turn away with these. */
const REFUSAL = /^(?:[45]\d\d|-[A-Z]+|\* (?:BYE|BAD|NO))$/

/** Whether a service that is not HTTP says that it does not serve. */
export function isRefusal(answer: Answer): boolean {
  const reply = replyOf(answer)
  return reply !== undefined && REFUSAL.test(reply)
}

/** An answer in a few words. */
export function answerText({ kind, status }: Answer): string {
  const words = {
    http: `HTTP ${status}`,
    tls: 'TLS handshake done',
    other: 'bytes that are not HTTP',
    closed: 'closed without an answer',
    silent: 'nothing in time',
    unreachable: 'no connection',
  }
  return words[kind]
}
