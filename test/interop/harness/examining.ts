import { describe, expect, test } from 'vitest'
import { type Examination, examine } from '../../cli/harness/examination.js'
import { findPeer } from '../../peers/harness/peer.js'
import { HEADERS, type HeaderName } from './headers.js'
import type { Listener } from './peer.js'
import { portOf, type Receiving } from './receiving.js'
import { type Cell, isLong } from './results.js'

/** What `truehop doctor` says of each listener, beside what the file of its program knows. */
export function describeDoctor(
  receivings: readonly Receiving[],
  record: (cell: Cell) => void,
): void {
  describe.concurrent('doctor', { timeout: 120_000 }, () => {
    for (const receiving of receivings) {
      const { peer, receives } = receiving
      // The suite of the program itself says what is not installed.
      if (peer.programs.some((name) => findPeer(name) === undefined)) continue
      const some = isLong ? receives.listeners : receives.listeners.slice(0, 1)
      test.each(some)(`${peer.name}: $setting`, async (listener) => {
        const port = portOf(await receiving.receiver(), listener)
        const found = await examine(port, ...(listener.tls === true ? ['--tls'] : []))
        expect(verdictOf(found)).toEqual(knownOf(listener))
        const { header, versions, tls } = found.contract
        const reads = `${header}, version ${versions.join(' and ')}, TLS ${tls}`
        const codes = found.findings.map(({ code }) => code)
        record({
          peer: peer.name,
          role: 'doctor',
          setting: listener.setting,
          cell: 'doctor',
          outcome: [reads, ...codes].join('; '),
        })
      })
    }
  })
}

/** Of its findings, those that the matrix has a row for. */
const ROWS: Readonly<Record<string, HeaderName>> = {
  'unknown-refused': 'v1 UNKNOWN',
  'local-refused': 'v2 LOCAL',
  'checksum-unchecked': 'v2 wrong CRC32C',
}

interface Verdict {
  readonly contract: Examination['contract']
  readonly findings: readonly string[]
}

function verdictOf({ contract, findings }: Examination): Verdict {
  const codes = findings.map(({ code }) => code).filter((code) => code in ROWS)
  return { contract, findings: codes.sort() }
}

function knownOf(listener: Listener): Verdict {
  const does = (name: HeaderName) => listener.faults[name]?.does ?? HEADERS[name].expected[0]
  const versions = ([1, 2] as const).filter((version) => does(`v${version} INET`) !== 'refused')
  const reads = (name: HeaderName) => versions.some((version) => name.startsWith(`v${version}`))
  const isWrong = (name: HeaderName) => reads(name) && listener.faults[name] !== undefined
  return {
    contract: {
      header: does('none') === 'refused' ? 'required' : 'optional',
      versions,
      tls: listener.tls !== true ? 'none' : does('none') === 'refused' ? 'inside' : 'direct',
    },
    findings: Object.keys(ROWS)
      .filter((code) => isWrong(ROWS[code] ?? 'none'))
      .sort(),
  }
}
