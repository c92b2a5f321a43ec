import { pick, type Random } from './random.js'

/** Longer texts are cut: what is long costs time and shows nothing that short ones do not. */
const MAX_LENGTH = 1500

/** A text made of others by a few changes; `words` are what the grammar at hand decides on. */
export function mutateText(
  random: Random,
  seeds: readonly string[],
  words: readonly string[],
): string {
  let text = pick(random, seeds)
  for (let count = random(6); count > 0; count--) text = change(random, text, seeds, words)
  return text.slice(0, MAX_LENGTH)
}

function change(
  random: Random,
  text: string,
  seeds: readonly string[],
  words: readonly string[],
): string {
  const at = random(text.length + 1)
  const end = Math.min(text.length, at + 1 + random(8))
  switch (random(8)) {
    case 0:
      return text.slice(0, at) + text.slice(end)
    case 1:
      return text.slice(0, at) + text.slice(at, end) + text.slice(at)
    case 2:
      return text.slice(0, at) + String.fromCharCode(random(128)) + text.slice(at + 1)
    case 3:
      return text.slice(0, at) + String.fromCharCode(random(0x10000)) + text.slice(at)
    case 4:
      return text.slice(0, at) + pick(random, seeds).slice(random(20))
    case 5:
      return text.slice(0, at) + pick(random, words) + text.slice(end)
    default:
      return text.slice(0, at) + pick(random, words) + text.slice(at)
  }
}
