import { alike, answerText } from './answer.js'
import { isAnswered } from './contract.js'
import { answerTo, type Examination } from './examine.js'
import { type DoctorCode, type DoctorFinding, finding } from './finding.js'
import { namedIn } from './named.js'
import { CLAIMS, type ProbeName } from './probe.js'

type HeaderCheck = readonly [ProbeName, DoctorCode, DoctorFinding['severity'], string]

const HEADER_CHECKS: readonly HeaderCheck[] = [
  [
    'local',
    'local-refused',
    'error',
    'health checks that send LOCAL fail; section 2.2 of the specification requires a receiver to accept it and to use the real endpoints',
  ],
  [
    'unknown',
    'unknown-refused',
    'warning',
    'senders of version 1 that do not know the client send UNKNOWN; section 2.1 requires a receiver to accept it',
  ],
  [
    'split',
    'split-refused',
    'info',
    'a header that the network cuts in two is refused, as section 2 allows; senders must send it at once',
  ],
  [
    'slow',
    'slow-refused',
    'warning',
    'a header with a lost segment needs a moment; wait at least 3 seconds for it, section 2',
  ],
  [
    'unknown-tlv',
    'unknown-tlv-refused',
    'error',
    'load balancers add TLVs of their own (AWS 0xEA, Azure 0xEE, Google 0xE0); section 2.2 requires a receiver to skip those that it does not know',
  ],
]

/** For probes that exist in only one version. */
const VERSIONS: Partial<Record<ProbeName, 1 | 2>> = { local: 2, unknown: 1, 'unknown-tlv': 2 }

const UNCHECKED =
  'a header whose checksum is wrong is accepted: the listener does not check it, so a sender that adds one gains nothing'

/** What a listener that reads headers has to accept: treated like the whole header. */
export function headerFindings({ contract, probed }: Examination): DoctorFinding[] {
  const [lowest] = contract.versions
  if (lowest === undefined) return []
  const highest = contract.versions.at(-1)
  const isCut = waitsForNothing(probed)
  const refused = HEADER_CHECKS.filter(([probe]) => {
    const version = VERSIONS[probe]
    if (version !== undefined && !contract.versions.includes(version)) return false
    // Without a connection nothing was refused.
    if (answerTo(probed, probe).kind === 'unreachable') return false
    // A listener that refuses every header in two pieces has not shown how long it waits.
    if (probe === 'slow' && (isCut || !isAcceptedAs(probed, 'split', highest ?? lowest)))
      return false
    if (probe === 'split' && isCut) return true
    return !isAcceptedAs(probed, probe, version ?? highest ?? lowest)
  })
  const findings = refused.map(([probe, code, severity, advice]) =>
    finding(code, severity, `${answerText(answerTo(probed, probe))}: ${advice}`, probe),
  )
  if (contract.versions.includes(2) && isAcceptedAs(probed, 'wrong-checksum', 2)) {
    findings.push(finding('checksum-unchecked', 'info', UNCHECKED, 'wrong-checksum'))
  }
  if (readsSecond(probed, highest ?? lowest)) {
    findings.push(
      finding(
        'second-header-read',
        'warning',
        `two headers in a row are read, ${secondNamed(probed)}; if there is one proxy in front, read one: the second was written by the client`,
        'two-headers',
      ),
    )
  }
  if (readsInsideTls(probed)) {
    findings.push(
      finding(
        'header-inside-tls',
        'warning',
        'a header inside TLS was read or skipped: only the client can have written it',
        'header-inside-tls',
      ),
    )
  }
  return findings
}

/**
 * The slow header was refused sooner than the split one had its second piece: so no header in two
 * pieces is waited for, and a busy listener has read the split one in one.
 */
function waitsForNothing(probed: Examination['probed']): boolean {
  const { cutAfter } = answerTo(probed, 'slow')
  const pause = probed.get('split')?.probe.sending.pause ?? 0
  return cutAfter !== undefined && cutAfter < pause
}

/** Whether it was answered like the plain header, rather than like bytes that are not a header. */
function isAcceptedAs(probed: Examination['probed'], name: ProbeName, version: 1 | 2): boolean {
  const answer = answerTo(probed, name)
  if (!isAnswered(answer)) return false
  return alike(answer, answerTo(probed, `v${version}`)) || (answer.status ?? 400) !== 400
}

/**
 * Only HTTP shows it: to a service that speaks first, the second header is what its client sends
 * after the greeting. A service that serves any bytes after a header has not read the second one.
 */
function readsSecond(probed: Examination['probed'], version: 1 | 2): boolean {
  const { kind } = answerTo(probed, 'two-headers')
  return (
    kind === 'http' &&
    isAcceptedAs(probed, 'two-headers', version) &&
    differs(probed, 'two-headers', 'two-headers-control')
  )
}

/** Inside TLS too, the same bytes with one of them changed must be treated differently. */
function readsInsideTls(probed: Examination['probed']): boolean {
  const inside = answerTo(probed, 'header-inside-tls')
  return (
    isAnswered(inside) &&
    inside.status !== 400 &&
    differs(probed, 'header-inside-tls', 'header-inside-tls-control')
  )
}

/** Only an answer, or an end, shows how the control was treated: it may be merely late. */
function differs(probed: Examination['probed'], name: ProbeName, control: ProbeName): boolean {
  const other = answerTo(probed, control)
  return (
    other.kind !== 'unreachable' && other.kind !== 'silent' && !alike(answerTo(probed, name), other)
  )
}

function secondNamed(probed: Examination['probed']): string {
  const text = answerTo(probed, 'two-headers').text
  if (namedIn(text, [CLAIMS.inner]).length > 0) return 'and the second one names the client'
  return namedIn(text, [CLAIMS.outer]).length > 0
    ? 'the first one names the client'
    : 'which one counts is not shown'
}
