import { HEADER_NAMES, HEADERS, type HeaderName } from './headers.js'
import type { Cell, Results } from './results.js'
import { vectorRows } from './vectors.js'

/** How many cells there are, and how many of them show a fault of the program. */
export function countsOf({ cells }: Results): { readonly all: number; readonly faults: number } {
  return { all: cells.length, faults: cells.filter(({ fault }) => fault !== undefined).length }
}

/** The page that shows the results of a run. */
export function page(results: Results): string {
  const { date, system, versions, lacks } = results
  const { all, faults } = countsOf(results)
  return `# Interop

What other programs send to truehop, and how they read what it sends: ${all} cells, run on ${date} with ${system}.
In ${all - faults} both ends do what the specification and the program's documentation say; in ${faults} the program
does something else, and the [last table](#what-to-avoid) says which setting to avoid. This page is generated:
\`pnpm interop\` runs the programs and writes it. A short form of the run is part of every \`npm test\`.

- [Programs](#programs) · [Senders](#senders) · [Receivers](#receivers) · [Doctor](#doctor) ·
  [What to avoid](#what-to-avoid) · [Senders that no package has](#senders-that-no-package-has)

## Programs

All are packages of Debian 12, or, with a name behind the package, of that release. Every cell below is of the
version here and of ${date}.

${table(
  ['program', 'version', 'packages'],
  versions.map(({ peer, version, packages }) => [peer, version, packages]),
)}

What a version lacks, and no cell can show:

${lacks.map(({ peer, why }) => `- ${peer}: ${why}`).join('\n')}

## Senders

Each line is one connection from the program to our receiver: what was set, who asked, and what the receiver read.
The client of an IPv4 connection is 127.0.0.9, of an IPv6 connection ::1.

${table(
  ['program', 'setting', 'connection', 'read'],
  of(results, 'sends').map(({ peer, setting, cell, outcome, fault }) => [
    peer,
    code(setting),
    cell,
    (fault === undefined ? '' : '**fault** ') + escaped(outcome),
  ]),
)}

## Receivers

Our sender writes the header of the column; the cell says which client the program sees. ✓ is what the
specification asks for: the source of the header, the address of the connection for \`UNKNOWN\`, \`UNSPEC\` and
\`LOCAL\`, no answer for a missing header and for a wrong checksum. *self* is the address of the connection.

${receivers(results)}

The same headers sent in other ways: by \`ProxyHttpAgent\`, by \`proxyConnector\` with undici, and by \`truehop relay\`:

${ways(results)}

## Doctor

What \`truehop doctor\` says about each of these listeners. The suite compares it with the table above.

${table(
  ['program', 'setting', 'verdict'],
  examined(results).map(({ peer, setting, outcome }) => [peer, code(setting), outcome]),
)}

## What to avoid

${table(['program', 'setting', 'with', 'seen', 'what it is, and what to do'], faultsOf(results))}

## Senders that no package has

Their exact bytes go through \`decode\` and through real sockets in every test run: whole, byte by byte, the header
apart from what follows, and each of these before TLS. The last column says what the receiver makes of them; the
bytes, and where they are from, are in \`test/vectors/senders\`. *capture* was published off the wire, *source* is
of the sender's own code or tests, *documentation* is its own, *worked out* follows from any of these.

${table(['sender', 'case', 'version', 'rests on', 'received as'], vectorRows())}
`
}

/** For README.md: the counts of the last run. */
export function badge(results: Results): string {
  const { all, faults } = countsOf(results)
  const text = `${all} cells, ${faults} third-party faults`
  const width = 54 + text.length * 6.4
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="interop: ${text}">
<title>interop: ${text}</title>
<rect width="${width}" height="20" rx="3" fill="#2f6f4f"/><rect width="50" height="20" rx="3" fill="#444"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="6" y="14">interop</text><text x="56" y="14">${text}</text>
</g>
</svg>
`
}

const of = ({ cells }: Results, role: Cell['role']): readonly Cell[] =>
  cells.filter((cell) => cell.role === role)

/** In the order of the receivers: examinations end in any order. */
function examined(results: Results): readonly Cell[] {
  const order = listenersOf(results).map(([peer, setting]) => `${peer}\n${setting}`)
  const placeOf = ({ peer, setting }: Cell): number => order.indexOf(`${peer}\n${setting}`)
  return [...of(results, 'doctor')].sort((a, b) => placeOf(a) - placeOf(b))
}

/** Receivers by header, with whatever deviates from the specification. */
function receivers(results: Results): string {
  const rows = listenersOf(results).map(([peer, setting, cells]) => [
    peer,
    code(setting),
    ...HEADER_NAMES.map((name) => mark(cells, name)),
  ])
  return table(['program', 'setting', ...HEADER_NAMES], rows)
}

const WAY = / by (agent|undici|relay)$/

function ways(results: Results): string {
  const rows = listenersOf(results).map(([peer, setting, cells]) => {
    const others = cells.filter(({ cell }) => WAY.test(cell))
    const texts = ['agent', 'undici', 'relay'].map((way) =>
      others
        .filter(({ cell }) => cell.endsWith(way))
        .map(
          ({ cell, outcome, fault }) =>
            `${cell.slice(0, 2)} ${fault === undefined ? '✓' : outcome}`,
        )
        .join(', '),
    )
    return [peer, code(setting), ...texts.map((text) => text || 'does not speak HTTP')]
  })
  return table(['program', 'setting', 'agent', 'undici', 'relay'], rows)
}

function mark(cells: readonly Cell[], name: HeaderName): string {
  const cell = cells.find((one) => one.cell === name)
  if (cell === undefined) return 'not run'
  if (cell.fault !== undefined) return cell.outcome
  // If the specification leaves a choice, the outcome is shown.
  return HEADERS[name].expected.length === 1 ? '✓' : cell.outcome
}

function listenersOf(results: Results): readonly (readonly [string, string, readonly Cell[]])[] {
  const groups = grouped(of(results, 'receives'), ({ peer, setting }) => [peer, setting].join('\n'))
  return [...groups].map(([key, cells]) => {
    const [peer = '', setting = ''] = key.split('\n')
    return [peer, setting, cells]
  })
}

/** In the order of the run. */
function grouped(
  cells: readonly Cell[],
  keyOf: (cell: Cell) => string,
): ReadonlyMap<string, readonly Cell[]> {
  const groups = new Map<string, Cell[]>()
  for (const cell of cells) {
    const key = keyOf(cell)
    groups.set(key, [...(groups.get(key) ?? []), cell])
  }
  return groups
}

/**
 * One line per program, setting and advice. The ways to send are not in it: they meet the faults that
 * the headers showed.
 */
function faultsOf({ cells }: Results): string[][] {
  const shown = cells.filter(({ fault, cell }) => fault !== undefined && !WAY.test(cell))
  const groups = grouped(shown, ({ peer, setting, fault }) => [peer, setting, fault].join('\n'))
  return [...groups.values()].map((group) => {
    const [first] = group
    const seen = new Set(group.map(({ outcome }) => escaped(outcome)))
    return [
      String(first?.peer),
      code(String(first?.setting)),
      group.map(({ cell }) => cell).join(', '),
      [...seen].join('; '),
      String(first?.fault),
    ]
  })
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const code = (text: string): string => `\`${text}\``
const escaped = (text: string): string => text.replaceAll(' | ', ', then ')
