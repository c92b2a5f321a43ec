import type { Directive } from './nginx-blocks.js'
import type { Treatment } from './sender.js'

interface MapBlock {
  readonly kind: string
  readonly from: string
  readonly values: readonly string[]
}

/** What a value of `proxy_set_header` makes of a header, through `map` and `geo`. */
export class NginxValues {
  readonly #maps = new Map<string, MapBlock>()
  /** By header and variable: a value may name a variable often, and variables lead to variables. */
  readonly #known = new Map<string, Treatment>()

  constructor(top: readonly Directive[]) {
    this.#collect(top)
  }

  treatment(name: string, value: string): Treatment {
    return value === '' ? 'clear' : this.#of(name, value)
  }

  #collect(block: readonly Directive[]): void {
    for (const { words, block: inner } of block) {
      if (inner === undefined) continue
      const [kind = '', first = ''] = words
      const to = words.at(-1) ?? ''
      if (kind === 'map' || kind === 'geo' || kind === 'split_clients') {
        const values = inner.map((row) => row.words[1] ?? '')
        this.#maps.set(to.slice(1), { kind, from: first, values })
      } else {
        this.#collect(inner)
      }
    }
  }

  #of(name: string, value: string): Treatment {
    if (value === '') return 'clear'
    const variables = Array.from(value.matchAll(/\$\{?(\w+)\}?/g), ([whole, variable = '']) => ({
      alone: whole === value,
      treatment: this.#variable(name, variable),
    }))
    const all = variables.map(({ treatment }) => treatment)
    if (all.includes('guarded')) return 'guarded'
    const passes = all.includes('pass') || all.includes('append')
    if (!passes) return 'set'
    return variables[0]?.alone === true ? (all[0] ?? 'pass') : 'append'
  }

  #variable(name: string, variable: string): Treatment {
    const key = `${name} ${variable}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    // What leads back to itself says nothing.
    this.#known.set(key, 'pass')
    const treatment = this.#read(name, variable)
    this.#known.set(key, treatment)
    return treatment
  }

  #read(name: string, variable: string): Treatment {
    if (variable === 'proxy_add_x_forwarded_for') {
      return name === 'x-forwarded-for' ? 'append' : 'pass'
    }
    const map = this.#maps.get(variable)
    if (map !== undefined) return this.#mapped(name, map)
    // The client writes `Host` itself; what it wrote there is what these headers repeat.
    return /^(http_(?!host$)|arg_|cookie_)/.test(variable) ? 'pass' : 'set'
  }

  #mapped(name: string, { kind, from, values }: MapBlock): Treatment {
    if (kind !== 'map') return 'set'
    const all = new Set(values.map((value) => this.#of(name, value)))
    if (this.#isAboutSource(from)) return all.has('pass') || all.has('append') ? 'guarded' : 'set'
    if (all.has('append') || all.has('pass')) return all.has('append') ? 'append' : 'pass'
    return all.has('guarded') ? 'guarded' : 'set'
  }

  #isAboutSource(from: string): boolean {
    return this.#maps.get(from.slice(1))?.kind === 'geo' || /^\$(binary_)?remote_addr$/.test(from)
  }
}
