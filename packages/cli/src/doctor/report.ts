import { placeText } from '../listen/listening.js'
import { table } from '../output/table.js'
import { coloursOf, print, type Terminal } from '../output/terminal.js'
import { answerText } from './answer.js'
import { contractText } from './contract.js'
import type { Examination } from './examine.js'
import type { DoctorFinding } from './finding.js'
import { healthChecks } from './health-checks.js'
import { namedIn, showsHeaders } from './named.js'
import { CLAIMS } from './probe.js'

/** The examination as JSON shows it. */
export function doctorJson(examination: Examination, findings: readonly DoctorFinding[]): object {
  const { target, contract, probed } = examination
  const probes = [...probed.values()].map(({ probe, answer }) => {
    const { kind, status } = answer
    return { name: probe.name, sends: probe.sends, answer: { kind, status }, names: named(answer) }
  })
  const { place, address } = target
  return {
    target: { ...place, address },
    contract,
    probes,
    healthChecks: healthChecks(examination),
    findings,
  }
}

export function printExamination(
  terminal: Terminal,
  examination: Examination,
  findings: readonly DoctorFinding[],
): void {
  const colours = coloursOf(terminal)
  const { target, contract, probed } = examination
  print(terminal, `${placeText(target.place)}: ${colours.bold(contractText(contract))}\n`)
  const wrong = new Set(
    findings.filter(({ severity }) => severity !== 'info').map(({ probe }) => probe),
  )
  const rows = [...probed.values()].map(({ probe, answer }) => {
    const verdict = wrong.has(probe.name) ? colours.red('wrong') : ''
    return [probe.name, probe.sends, answerText(answer), named(answer).join(', '), verdict]
  })
  print(terminal, `${table(terminal.stdout, rows, ['probe', 'sends', 'answer', 'names', ''])}\n`)
  const checks = healthChecks(examination).map(({ check, sees, passes }) => {
    return [check, sees, passes ? colours.green('passes') : colours.red('fails')]
  })
  print(terminal, `${table(terminal.stdout, checks, ['health check', 'sees', ''])}\n`)
  const paint = { error: colours.red, warning: colours.yellow, info: colours.cyan }
  for (const { code, severity, probe, message } of findings) {
    const place = probe === undefined ? '' : `${probe}: `
    print(terminal, `${paint[severity](severity)} ${place}${message} [${code}]`)
  }
  if (findings.length === 0) print(terminal, colours.green('nothing to change'))
}

/** Which of the claimed addresses the page shows; nothing for a page that shows all. */
function named(answer: Parameters<typeof showsHeaders>[0]): string[] {
  return showsHeaders(answer)
    ? []
    : namedIn(answer.text, [...Object.values(CLAIMS), answer.localAddress ?? ''])
}
