import {
  type Act,
  type Answer,
  type Cell,
  cellSize,
  type Line,
  perform,
  type Store,
} from '@truehop/rate-limit'
import type { Pool, PoolClient } from 'pg'

/** What a database needs: keys, and the numbers of their cells. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS rate_limit_cells (key text PRIMARY KEY, numbers float8[] NOT NULL)
`

/**
 * A store in Postgres, as an example of the interface: the rows of an act are locked in the order
 * of their keys, the acts are those of the package, and the clock is the server's.
 */
export class PostgresStore implements Store {
  readonly kind = 'postgres'
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  async ask(act: Act, lines: readonly Line[]): Promise<Answer> {
    const client = await this.#pool.connect()
    try {
      await client.query('BEGIN')
      const answer = await this.#askLocked(client, act, lines)
      await client.query('COMMIT')
      return answer
    } catch (error) {
      await client.query('ROLLBACK')
      throw error
    } finally {
      client.release()
    }
  }

  async #askLocked(client: PoolClient, act: Act, lines: readonly Line[]): Promise<Answer> {
    const keys = lines.map(({ rule, key }) => `${encodeURIComponent(rule.name)}:${key.text}`)
    await client.query(
      'INSERT INTO rate_limit_cells SELECT k, ARRAY[]::float8[] FROM unnest($1::text[]) k ORDER BY k ON CONFLICT DO NOTHING',
      [keys],
    )
    const { rows } = await client.query<{ key: string; numbers: number[] }>(
      'SELECT key, numbers FROM rate_limit_cells WHERE key = ANY($1) ORDER BY key FOR UPDATE',
      [keys],
    )
    const clock = await client.query<{ now: number }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
    )
    const cells = lines.map(({ rule }, i): Cell => {
      const numbers = new Float64Array(cellSize(rule))
      numbers.set(rows.find(({ key }) => key === keys[i])?.numbers ?? [])
      return { numbers, at: 0 }
    })
    const cell = (i: number): Cell => cells[i] ?? { numbers: new Float64Array(0), at: 0 }
    const forget = (i: number): void => void cell(i).numbers.fill(0)
    const now = clock.rows[0]?.now ?? Date.now()
    const answer = perform(act, lines, { find: cell, open: cell, forget }, now)
    if (act.do !== 'peek') await write(client, keys, cells)
    return answer
  }
}

async function write(client: PoolClient, keys: readonly string[], cells: readonly Cell[]) {
  for (const [i, { numbers }] of cells.entries()) {
    await client.query('UPDATE rate_limit_cells SET numbers = $2 WHERE key = $1', [
      keys[i],
      [...numbers],
    ])
  }
}
