import { answerText } from './answer.js'
import type { Examination, Probed } from './examine.js'
import { type DoctorFinding, finding } from './finding.js'
import { namedIn, showsHeaders } from './named.js'
import { CLAIMS } from './probe.js'

/**
 * That no page of a service showed a client: then its contract is known, but not which client it
 * sees. Nothing for a listener that does not speak HTTP, or serves nobody.
 */
export function unseenClient(
  { contract, probed, path }: Examination,
  severity: 'info' | 'warning',
): DoctorFinding[] {
  if (contract.header === 'unknown') return []
  const pages = [...probed.values()].filter(({ answer }) => answer.kind === 'http')
  const served = pages.find(isServed(contract.versions.at(-1)))
  if (served === undefined || pages.some(namesClient)) return []
  const message = `${path} is answered ${answerText(served.answer)} and shows no client, so which one the service names was not seen; give --path a page of your service that answers with it, such as --path /whoami for ${PAGE}`
  return [finding('client-not-seen', severity, message)]
}

const PAGE = "app.get('/whoami', (request) => request.clientIp)"

function isServed(version: 1 | 2 | undefined): (probed: Probed) => boolean {
  const name = version === undefined ? 'no-header' : `v${version}`
  return ({ probe }) => probe.name === name
}

function namesClient({ answer }: Probed): boolean {
  const addresses = [...Object.values(CLAIMS), answer.localAddress ?? '']
  return showsHeaders(answer) || namedIn(answer.text, addresses).length > 0
}
