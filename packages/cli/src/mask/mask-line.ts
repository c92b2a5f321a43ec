import type { Line } from '../evidence/lines.js'
import { isCombined, maskCombined } from './combined-line.js'
import { maskJson } from './json-line.js'
import type { Masked, Masking } from './masked.js'

/** A log line as bytes, without its end, or why it is not passed on. */
export type MaskedLine = { readonly bytes: Buffer } | { readonly reason: string }

/** Rewrites one line. Never throws: what cannot be read is not passed on. */
export function maskLine({ raw, cut }: Line, masking: Masking): MaskedLine {
  if (cut) return { reason: 'is longer than 1 MiB' }
  // Bytes as characters: an old log may not be UTF-8, and the line goes on as the bytes it was.
  const text = raw.toString('latin1').replace(/\r?\n$/, '')
  if (text.trim() === '') return { bytes: Buffer.alloc(0) }
  if (!text.trimStart().startsWith('{')) {
    if (!isCombined(text)) return { reason: 'is neither JSON nor a line of the combined format' }
    return written(maskCombined(text, masking), 'latin1')
  }
  const utf8 = decoded(raw)
  return utf8 === undefined ? { reason: 'is not UTF-8' } : written(maskJson(utf8, masking), 'utf8')
}

function written(masked: Masked, encoding: 'latin1' | 'utf8'): MaskedLine {
  return 'line' in masked ? { bytes: Buffer.from(masked.line, encoding) } : masked
}

function decoded(raw: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw)
  } catch {
    return undefined
  }
}
