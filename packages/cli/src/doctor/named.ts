import type { Answer } from './answer.js'
import { MARK } from './probe.js'

/** Which of the addresses a text shows, as a whole; IPv4 in its mapped form too. */
export function namedIn(text: string, addresses: readonly string[]): string[] {
  const folded = text.replace(/::ffff:(?=\d+\.)/gi, ' ')
  return addresses.filter((address) => {
    const isV6 = address.includes(':')
    const [before, after] = isV6 ? ['[\\d.:a-f]', ':?[\\da-f]'] : ['[\\d.]|::|[\\da-f]:', '\\.?\\d']
    const pattern = `(?<!${before})${address.replaceAll('.', '\\.')}(?!${after})`
    return address !== '' && new RegExp(pattern, 'i').test(folded)
  })
}

/** A page that repeats an unknown header repeats all of them: it says nothing about trust. */
export function showsHeaders(answer: Answer): boolean {
  return namedIn(answer.text, [MARK.value]).length > 0
}
