// docs/benchmarks.md and its plots, out of the figures of one run and nothing else.

import { mkdirSync, writeFileSync } from 'node:fs'
import { logPlot } from './plot.mjs'
import { nanoseconds, notMeasured, round, rowsOf } from './rows.mjs'

const docs = new URL('../../docs/', import.meta.url)

export function writeReport(run) {
  const plots = plotsOf(run)
  mkdirSync(new URL('images/bench/', docs), { recursive: true })
  for (const { file, ...plot } of plots) {
    writeFileSync(new URL(`images/bench/${file}.svg`, docs), logPlot(plot))
  }
  writeFileSync(new URL('benchmarks.md', docs), page(run, plots))
}

function page(run, plots) {
  const rows = rowsOf(run)
  const missed = rows.filter((row) => !row.met)
  return `# Benchmarks

Written by \`pnpm bench\` from one run; no figure on this page is typed in. Figures of different machines or
runs do not compare: read the ratios, which are of one run, side by side.

| | |
| --- | --- |
${facts(run)}

Functions: each in a process of its own, CPU time of a call, inputs that differ from call to call, ours and
the peer in turns, median of the rounds. Servers: a process pinned to one processor, the load from another
over loopback that never sleeps; CPU time of the server process for a request or connection, in many short
turns; the ratio is the median over turns that follow each other, and its quartiles stand in brackets. Loggers
write to /dev/null at once: pino's default, a thread that writes, costs both sides more and brings them closer.
CPU time holds still where wall time follows what else the machine does; caches and the clock rate of the processor
are still shared, so an absolute figure of a busy machine is up to twice that of a quiet one.

## Against what you would use instead

| what | truehop | peer | peer's figure | ratio | target | met |
| --- | --- | --- | --- | --- | --- | --- |
${rows.map(tableRow).join('\n')}

Ratios of times and rates are how many times as fast truehop is. The targets are goals for a quiet machine;
no test asserts them.

## Targets that this run misses

${missed.length === 0 ? 'None.' : missed.map(({ what, target, ours, ratio, reason }) => `- **${what}** (${target}; ${ours}${ratio === '' ? '' : `, ${ratio}`}): ${reason}.`).join('\n')}

## Not measured

${notMeasured(run)
  .map((line) => `- ${line}`)
  .join('\n')}

## How cost grows

${plots.map(({ file, title, table }) => `### ${title}\n\n![${title}](images/bench/${file}.svg)\n\n${table}`).join('\n\n')}
`
}

function facts({ before, after }) {
  const load = [before, after].map((at) => at.load.map((value) => value.toFixed(1)).join(' '))
  return [
    ['processor', `${before.cpu}, ${before.processors} processors`],
    ['memory', `${before.memory} GB`],
    ['system', before.system],
    ['Node', before.node],
    ['date', before.date],
    ['load average (1, 5, 15 minutes)', `${load[0]} before, ${load[1]} after`],
  ]
    .map(([name, value]) => `| ${name} | ${value} |`)
    .join('\n')
}

function tableRow({ what, ours, peer, theirs, ratio, target, met }) {
  return `| ${what} | ${ours} | ${peer} | ${theirs} | ${ratio} | ${target} | ${target === '' ? '' : met ? 'yes' : '**no**'} |`
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
      lines: [line(prefixes, 'truehop', (row) => (row.count < 1000 ? 0 : row.bytes * row.count))],
      table: table(prefixes, [
        ['prefixes', amount],
        ['bytes a prefix', (row) => (row.count < 1000 ? 'too few to tell' : round(row.bytes))],
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
