import { readdirSync, readFileSync } from 'node:fs'

interface Sender {
  readonly sender: string
  readonly cases: readonly {
    readonly name: string
    readonly version: string
    readonly basis: string
    readonly received: string
  }[]
}

const FOLDER = new URL('../../vectors/senders/', import.meta.url)

/** A row for each case of test/vectors/senders: sender, case, version, basis, and what is received. */
export function vectorRows(): string[][] {
  const files = readdirSync(FOLDER).sort()
  const senders = files.map(
    (name): Sender => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')),
  )
  return senders.flatMap(({ sender, cases }) =>
    cases.map(({ name, version, basis, received }) => [
      sender,
      name,
      version,
      basis,
      MEANINGS[received] ?? received,
    ]),
  )
}

const MEANINGS: Readonly<Record<string, string>> = {
  client: 'the client that it names',
  peer: 'the sender itself',
}
