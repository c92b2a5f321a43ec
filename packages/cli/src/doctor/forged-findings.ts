import { answerTo, type Examination } from './examine.js'
import { type DoctorFinding, finding } from './finding.js'
import { namedIn, showsHeaders } from './named.js'
import { CLAIMS } from './probe.js'

/** Whether the page names a client that only a request header of this machine made up. */
export function forgedFindings({ probed }: Examination): DoctorFinding[] {
  return (['x-forwarded-for', 'forwarded'] as const).flatMap((header) => {
    const probe = `forged-${header}` as const
    const answer = answerTo(probed, probe)
    if (namedIn(answer.text, [CLAIMS[header]]).length === 0) return []
    if (showsHeaders(answer)) return [finding('shows-headers', 'info', SHOWS, probe)]
    const message = `${header} of this machine (${answer.localAddress}) is believed; fine only if this machine is one of the proxies`
    return [finding('forged-header-believed', 'warning', message, probe)]
  })
}

const SHOWS =
  'the page shows request headers, so it does not show which client it believes; give --path a page that shows only the client'
