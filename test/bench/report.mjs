// docs/benchmarks.md and its plots, out of the figures that are kept and nothing else.

import { mkdirSync, writeFileSync } from 'node:fs'
import { logPlot } from './plot.mjs'
import { lineOf } from './results.mjs'
import { nanoseconds, notMeasured, round, rowsOf } from './rows.mjs'
import { WARM } from './servers.mjs'

const docs = new URL('../../docs/', import.meta.url)

/** Growth is drawn of one line of Node: the one that most services run. */
const DRAWN = 24
/** The heap of a process hides what fewer prefixes hold: 1,000 gave 178 bytes each, and -320. */
const FEW = 10_000

/** Writes the page of the runs of one or several lines of Node. */
export function writeReport(runs) {
  const drawn = runs.find(({ before }) => lineOf(before.node) === DRAWN) ?? runs.at(-1)
  if (drawn === undefined) throw new Error('there are no figures yet; run node test/bench/main.mjs')
  const plots = plotsOf(drawn)
  mkdirSync(new URL('images/bench/', docs), { recursive: true })
  for (const { file, ...plot } of plots) {
    writeFileSync(new URL(`images/bench/${file}.svg`, docs), logPlot(plot))
  }
  writeFileSync(new URL('benchmarks.md', docs), page(runs, drawn, plots))
}

function page(runs, drawn, plots) {
  const tables = runs.map((run) => ({ run, name: nameOf(run), rows: rowsOf(run) }))
  return `# Benchmarks

Written by \`pnpm bench\`, one run for each line of Node; no figure on this page is typed in. Figures of different
machines or runs do not compare: read the ratios, which are of one run, side by side.

${factTable(runs)}

Functions: each in a process of its own, CPU time of a call, inputs that differ from call to call, ours and
the peer in turns, median of the rounds. Decoders: from the bytes of a connection to the text of both addresses;
of the peer, version 2 gives arrays of numbers, which are joined, and version 1 reads text, which the bytes are made
into. Servers: a process pinned to one processor, the load from another
over loopback that never sleeps; CPU time of the server process for a request or connection, in many short
turns, after ${WARM.toLocaleString('en')} requests to each server with a framework that are not counted: V8 goes on optimizing for that long;
the ratio is the median over turns that follow each other, and its quartiles stand in brackets. Loggers
write to /dev/null from the server's own thread: a thread that writes costs both sides more and brings them closer.
Pino writes each line by itself, and so do the peers and what is written by hand; truehop's access log writes
those of one turn of the event loop together. Express replaces the prototypes of each request and response, and V8 in
Node 20 and 22 gives every such object a hidden class of its own: there Express itself takes five to ten times what it
takes on Node 24, and whatever reads a request takes more with it.
CPU time holds still where wall time follows what else the machine does; caches and the clock rate of the processor
are still shared, so an absolute figure of a busy machine is up to twice that of a quiet one.

*By hand* is the same written for one service alone, in \`test/bench/floor.mjs\`: one proxy layout, one list, one
limit, no options and no evidence of how anything was decided. What a service spends its time on is in the
[flame graphs](flame-graphs.md).

## Against what you would use instead

${tables.map(({ name, rows }) => `### ${name}\n\n${rowTable(rows)}`).join('\n\n')}

Ratios of times and rates are how many times as fast truehop is. The targets are goals for a quiet machine;
no test asserts them.

## Targets that these runs miss

${missedLines(tables)}

## Not measured

${runs.flatMap((run) => notMeasured(run).map((line) => `- ${line} (${nameOf(run)})`)).join('\n')}
- ppp, the decoder in Rust: it is not a JavaScript library; its own published figures are 50 ns for v2 and 218 ns for v1, on another machine.

## How cost grows

On ${nameOf(drawn)}.

${plots.map(({ file, title, table }) => `### ${title}\n\n![${title}](images/bench/${file}.svg)\n\n${table}`).join('\n\n')}
`
}

const nameOf = ({ before }) => `Node ${lineOf(before.node)}`

function rowTable(rows) {
  return `| what | truehop | peer | peer's figure | ratio | by hand | target | met |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map(tableRow).join('\n')}`
}

/** Each missed target once, with the figures of all lines that miss it. */
function missedLines(tables) {
  const missed = new Map()
  for (const { name, rows } of tables) {
    for (const row of rows.filter(({ met }) => !met)) {
      const figure = `${name}: ${row.ours}${row.ratio === '' ? '' : `, ${row.ratio}`}`
      const others = missed.get(row.key)?.figures ?? []
      missed.set(row.key, { row, figures: [...others, figure] })
    }
  }
  if (missed.size === 0) return 'None.'
  return [...missed.values()]
    .map(
      ({ row: { what, target, reason }, figures }) =>
        `- **${what}** (${target}; ${figures.join('; ')}): ${reason}.`,
    )
    .join('\n')
}

function factTable(runs) {
  const columns = runs.map(factsOf)
  const [first = {}] = columns
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [
    line(['', ...runs.map(nameOf)]),
    line(['---', ...runs.map(() => '---')]),
    ...Object.keys(first).map((name) => line([name, ...columns.map((facts) => facts[name])])),
  ].join('\n')
}

function factsOf({ before, after }) {
  const load = [before, after].map((at) => at.load.map((value) => value.toFixed(1)).join(' '))
  return {
    date: before.date,
    Node: before.node,
    processor: `${before.cpu}, ${before.processors} processors`,
    memory: `${before.memory} GB`,
    system: before.system,
    'load average (1, 5, 15 minutes)': `${load[0]} before, ${load[1]} after`,
  }
}

function tableRow({ what, ours, peer, theirs, ratio, floor, target, met }) {
  return `| ${what} | ${ours} | ${peer} | ${theirs} | ${ratio} | ${floor} | ${target} | ${target === '' ? '' : met ? 'yes' : '**no**'} |`
}

function plotsOf({ prefixes, elements, connections, keys }) {
  const line = (rows, name, of) => ({
    name,
    points: rows.filter((row) => of(row) > 0).map((row) => [row.count, of(row)]),
  })
  const held = (kind) => (row) => row[kind].bytes
  const amount = ({ count }) => count.toLocaleString('en')
  return [
    {
      file: 'prefixes-time',
      ...{ title: 'Looking an address up', x: 'prefixes in the set', y: 'ns CPU' },
      lines: [
        line(prefixes, 'truehop', (row) => row.truehop),
        line(prefixes, 'net.BlockList', (row) => row.peer ?? 0),
      ],
      table: table(prefixes, [
        ['prefixes', amount],
        ['truehop', (row) => nanoseconds(row.truehop)],
        ['net.BlockList', (row) => (row.peer === undefined ? '' : nanoseconds(row.peer))],
        ['building the set', (row) => `${round(row.build)} ms`],
      ]),
    },
    {
      file: 'prefixes-memory',
      ...{ title: 'Memory of a set of prefixes', x: 'prefixes in the set', y: 'bytes in all' },
      lines: [line(prefixes, 'truehop', (row) => (row.count < FEW ? 0 : row.bytes * row.count))],
      table: table(prefixes, [
        ['prefixes', amount],
        ['bytes a prefix', (row) => (row.count < FEW ? 'too few to tell' : round(row.bytes))],
      ]),
    },
    {
      file: 'elements',
      ...{ title: 'A long X-Forwarded-For', x: 'trusted elements', y: 'ns CPU' },
      lines: [
        line(elements, 'truehop, maxHops 64', (row) => row.truehop),
        line(elements, 'truehop, maxHops 65,536', (row) => row.boundless),
        line(elements, 'proxy-addr', (row) => row.peer),
      ],
      table: table(elements, [
        ['elements', amount],
        ['truehop, `maxHops` 64', (row) => nanoseconds(row.truehop)],
        ['truehop, `maxHops` 65,536', (row) => nanoseconds(row.boundless)],
        ['proxy-addr', (row) => nanoseconds(row.peer)],
      ]),
    },
    {
      file: 'connections',
      ...{ title: 'Idle connections', x: 'connections', y: 'bytes of heap each' },
      lines: [
        line(connections, 'with a PROXY header', held('http-proxy-protocol')),
        line(connections, 'without', held('http-bare')),
      ],
      table: table(connections, [
        ['connections', amount],
        ['bytes each with a PROXY header', (row) => bytes(row['http-proxy-protocol'])],
        ['without', (row) => bytes(row['http-bare'])],
        ['CPU each with', (row) => `${round(row['http-proxy-protocol'].cpu)} µs`],
        ['without', (row) => `${round(row['http-bare'].cpu)} µs`],
      ]),
    },
    {
      file: 'keys-time',
      ...{ title: 'A decision of the limiter in memory', x: 'clients', y: 'ns CPU' },
      lines: [line(keys, 'truehop', (row) => row.ns)],
      table: table(keys, [
        ['clients', amount],
        ['a decision', (row) => nanoseconds(row.ns)],
      ]),
    },
    {
      file: 'keys-memory',
      ...{ title: 'Memory of the limiter', x: 'clients', y: 'bytes in all' },
      lines: [line(keys, 'truehop', (row) => (row.count < 1000 ? 0 : row.bytes * row.count))],
      table: table(keys, [
        ['clients', amount],
        ['bytes a client', (row) => (row.count < 1000 ? 'too few to tell' : round(row.bytes))],
      ]),
    },
  ]
}

/** The heap of a whole process hides what a few connections hold. */
function bytes(held) {
  return held.bytes > 0 ? round(held.bytes) : 'too few to tell'
}

function table(rows, columns) {
  const head = `| ${columns.map(([name]) => name).join(' | ')} |\n|${' --- |'.repeat(columns.length)}`
  return [head, ...rows.map((row) => `| ${columns.map(([, of]) => of(row)).join(' | ')} |`)].join(
    '\n',
  )
}
