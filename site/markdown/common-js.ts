/**
 * The CommonJS form of a program that is written as an ES module: `require` for `import`, and a
 * function around what awaits. Undefined where there is none to show, as the program imports nothing,
 * is part of a larger one, or asks for what modules alone have.
 */
export function commonJsOf(text: string): string | undefined {
  if (!IMPORT.test(text) || HAS_NO_OTHER_FORM.test(text)) {
    return undefined
  }
  const converted = text
    .replaceAll(IMPORT, (_, names: string | undefined, from: string) =>
      names === undefined ? `require(${from})` : `const ${bindingOf(names)} = require(${from})`,
    )
    .replace(/^export default /m, 'module.exports = ')
    // What names a file in its first line names this one.
    .replace(/^(\/\/ .*\.)mjs$/m, '$1cjs')
  return AWAITS.test(converted) ? inMain(converted) : converted
}

/** Types, exports by name, what only modules know, a default import beside others, texts over lines. */
const HAS_NO_OTHER_FORM =
  /\bimport\.meta\b|\bimport type\b|^export (?!default)|^import \w+, |`[^`]*\n[^`]*`/m

/** A whole statement at the beginning of a line, over several lines too. */
const IMPORT = /^import (?:([^'"]+?) from )?('[^']+')/gm

/** Code outside of functions is what is not indented. */
const AWAITS = /^(?:(?:const|let) [^=]+ = )?await /m

/** `fastify, { type A, b as c }` and the like, as what is on the left of a declaration. */
function bindingOf(names: string): string {
  if (names.startsWith('{')) return names.replaceAll(/\b(\w+) as (\w+)\b/g, '$1: $2')
  return names.replace(/^\* as /, '')
}

/** Puts what follows the declarations at the top into a function that may await. */
function inMain(text: string): string {
  const lines = text.split('\n')
  const last = lines.findLastIndex((line) => /require\('[^']+'\)$/.test(line))
  const head = lines.slice(0, last + 1)
  const body = lines
    .slice(last + 1)
    .join('\n')
    .replaceAll(/^\n+|\n+$/g, '')
  const indented = body.replaceAll(/^(?=.)/gm, '  ')
  return [...head, '', 'async function main() {', indented, '}', '', 'main()'].join('\n')
}
