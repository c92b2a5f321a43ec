/** A method of text as what stands in for it sees it. */
type Method = (this: unknown, ...args: unknown[]) => unknown

/** Characters looked at by one call, from what it was called on, with what, and what it returned. */
type Cost = (text: string, args: readonly unknown[], result: unknown) => number

const one: Cost = () => 1
const whole: Cost = (text) => text.length
const resulting: Cost = (_, __, result) => String(result).length

const forwards: Cost = (text, [sought, from], result) => {
  const start = Number(from ?? 0)
  const end =
    typeof result === 'number' && result >= 0 ? result + String(sought).length : text.length
  return Math.max(1, end - start)
}
const backwards: Cost = (text, [, from], result) => {
  const start = Math.min(Number(from ?? text.length), text.length)
  return Math.max(1, start - Math.max(0, Number(result)))
}
const compared: Cost = (_, [sought]) => String(sought).length

const METHODS: Readonly<Record<string, Cost>> = {
  at: one,
  charAt: one,
  charCodeAt: one,
  codePointAt: one,
  indexOf: forwards,
  includes: (text, [sought, from]) =>
    forwards(text, [sought, from], text.indexOf(String(sought), Number(from ?? 0))),
  lastIndexOf: backwards,
  startsWith: compared,
  endsWith: compared,
  slice: resulting,
  substring: resulting,
  split: whole,
  search: whole,
  match: whole,
  matchAll: whole,
  replace: whole,
  replaceAll: whole,
  trim: whole,
  trimStart: whole,
  trimEnd: whole,
  toLowerCase: whole,
  toUpperCase: whole,
  normalize: whole,
  localeCompare: whole,
}

/**
 * How many characters are looked at while `run` runs, by any method of text or of regular expressions
 * and by walking over text: a time would depend on the machine. `text[0]` and what a regular
 * expression looks at again when it goes back cannot be counted. No `expect` in `run`: it looks too.
 */
export function countLooks(run: () => void): number {
  let looks = 0
  let isCounting = true
  /** What counting itself calls is not counted. */
  const count = (cost: () => number): void => {
    if (!isCounting) return
    isCounting = false
    looks += cost()
    isCounting = true
  }
  const restore = [...replaceMethods(count), replaceExec(count), replaceWalk(count)]
  try {
    run()
  } finally {
    isCounting = false
    for (const undo of restore) undo()
  }
  return looks
}

type Count = (cost: () => number) => void

// By hand: the mocks of the test runner keep every call, and there are hundreds of thousands of them.
function replaceMethods(count: Count): (() => void)[] {
  const strings: Record<string, Method> = Object(String.prototype)
  return Object.entries(METHODS).map(([name, cost]) => {
    const original = strings[name]
    if (original === undefined) throw new Error(`text has no ${name}`)
    strings[name] = function (this: unknown, ...args) {
      const result = original.apply(this, args)
      count(() => cost(String(this), args, result))
      return result
    }
    return () => {
      strings[name] = original
    }
  })
}

function replaceExec(count: Count): () => void {
  const { exec } = RegExp.prototype
  RegExp.prototype.exec = function (this: RegExp, text) {
    const from = this.global || this.sticky ? this.lastIndex : 0
    const found = exec.call(this, text)
    count(() => (found === null ? text.length : found.index + found[0].length) - from)
    return found
  }
  return () => {
    RegExp.prototype.exec = exec
  }
}

function replaceWalk(count: Count): () => void {
  const walk = String.prototype[Symbol.iterator]
  String.prototype[Symbol.iterator] = function (this: string) {
    count(() => this.length)
    return walk.call(this)
  }
  return () => {
    String.prototype[Symbol.iterator] = walk
  }
}
