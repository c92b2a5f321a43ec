/** The number of a row. */
export type Row = number

/** What the network column holds for a row that is no network's own. */
const SHARED = -1
/** And for a row that holds nothing. */
const FREE = -2

/**
 * What is counted, a row for each key, in columns of numbers: a fifth of the memory that as many
 * objects take, and nothing that the garbage collector would have to visit but the keys.
 *
 * A row that was released is given to the next key. Whoever kept its number across a pause has to
 * compare `keyOf` before he writes.
 */
export class Rows {
  #keys: string[] = []
  #scopes: Map<string, Row>[] = []
  #consumed = new Float64Array(64)
  #until = new Float64Array(64)
  #networks = new Float64Array(64)
  readonly #released: Row[] = []

  /** Rows ever taken: all that are in use have smaller numbers. */
  get end(): Row {
    return this.#keys.length
  }

  /** A row for the key, entered in `scope`. `network` is undefined for one that is shared. */
  take(scope: Map<string, Row>, key: string, network: number | undefined): Row {
    const row = this.#released.pop() ?? this.end
    if (row >= this.#until.length) this.#grow()
    this.#keys[row] = key
    this.#scopes[row] = scope
    this.#networks[row] = network ?? SHARED
    this.write(row, 0, 0)
    scope.set(key, row)
    return row
  }

  release(row: Row): void {
    this.#scopes[row]?.delete(this.keyOf(row))
    this.#keys[row] = ''
    this.#networks[row] = FREE
    this.write(row, 0, 0)
    this.#released.push(row)
  }

  keyOf(row: Row): string {
    return this.#keys[row] ?? ''
  }

  /** Undefined for a row that is shared, and one that was released. */
  networkOf(row: Row): number | undefined {
    const network = this.#networks[row] ?? FREE
    return network < 0 ? undefined : network
  }

  consumed(row: Row): number {
    return this.#consumed[row] ?? 0
  }

  until(row: Row): number {
    return this.#until[row] ?? 0
  }

  write(row: Row, consumed: number, until: number): void {
    this.#consumed[row] = consumed
    this.#until[row] = until
  }

  #grow(): void {
    const length = this.#until.length * 2
    this.#consumed = longer(this.#consumed, length)
    this.#until = longer(this.#until, length)
    this.#networks = longer(this.#networks, length)
  }
}

function longer(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(length)
  copy.set(column)
  return copy
}
