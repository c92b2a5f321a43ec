import { type Policy, resolve } from '@truehop/identity'
import { parseAddress } from '@truehop/ip'
import { type Answer, alike, answerText } from './answer.js'
import { isAnswered } from './contract.js'
import type { Examination, Probed } from './examine.js'
import { namedIn, showsHeaders } from './named.js'
import { CLAIMS, type ProbeName, readHeader } from './probe.js'

/** What is wrong with a listener, or worth knowing. Each has a heading in docs/errors.md. */
export type DoctorCode =
  | 'no-service'
  | 'speaks-tls'
  | 'header-optional'
  | 'one-version'
  | 'local-refused'
  | 'unknown-refused'
  | 'split-refused'
  | 'slow-refused'
  | 'second-header-read'
  | 'garbage-served'
  | 'header-inside-tls'
  | 'forged-header-believed'
  | 'shows-headers'
  | 'plain-checks-fail'
  | 'policy-contract'
  | 'policy-identity'

export interface DoctorFinding {
  readonly code: DoctorCode
  /** `error`: does not work, or names the wrong client. `warning`: may. `info`: worth a look. */
  readonly severity: 'error' | 'warning' | 'info'
  /** The probe that it was answered wrongly in; undefined for what concerns the contract. */
  readonly probe: ProbeName | undefined
  /** What was seen, and what to change. */
  readonly message: string
}

/** What an examination comes to. */
export function findingsOf(examination: Examination, policy: Policy | undefined): DoctorFinding[] {
  return [
    ...contractFindings(examination),
    ...headerFindings(examination),
    ...(policy === undefined ? forgedFindings(examination) : policyFindings(examination, policy)),
  ]
}

function finding(
  code: DoctorCode,
  severity: DoctorFinding['severity'],
  message: string,
  probe?: ProbeName,
): DoctorFinding {
  return { code, severity, probe, message }
}

function contractFindings({ contract, tls, probed }: Examination): DoctorFinding[] {
  const { header, versions } = contract
  const findings: DoctorFinding[] = []
  if (header === 'unknown') {
    findings.push(
      contract.tls !== 'none' && !tls
        ? finding(
            'speaks-tls',
            'warning',
            'nothing was served in the clear, and a TLS handshake goes through: ask again with --tls',
          )
        : finding(
            'no-service',
            'error',
            `no request was served, with or without a header; without one: ${answerText(answerTo(probed, 'no-header'))}`,
          ),
    )
  }
  if (header === 'optional') {
    findings.push(
      finding(
        'header-optional',
        'warning',
        'served with a header and without one: whoever reaches the port directly, or through a proxy that adds none, can write a header of their own; require it, and let only the proxies connect',
      ),
    )
  }
  if (versions.length === 1) {
    findings.push(
      finding(
        'one-version',
        'info',
        `only version ${versions[0]} of the header is read; set the sender to it`,
      ),
    )
  }
  if (header === 'required') {
    findings.push(
      finding(
        'plain-checks-fail',
        'info',
        'a health check that sends no header sees a failure: let checks send one (HAProxy: check-send-proxy), or exempt the checkers (proxyProtocol.healthCheckFrom)',
      ),
    )
  }
  const garbage = answerTo(probed, 'garbage')
  if (garbage.kind === 'http' && garbage.status !== undefined && garbage.status < 400) {
    findings.push(
      finding(
        'garbage-served',
        'warning',
        `bytes that are no protocol were answered ${answerText(garbage)}`,
        'garbage',
      ),
    )
  }
  return findings
}

type HeaderCheck = readonly [ProbeName, DoctorCode, DoctorFinding['severity'], string]

const HEADER_CHECKS: readonly HeaderCheck[] = [
  [
    'local',
    'local-refused',
    'error',
    'health checks that send LOCAL fail; section 2.2 of the specification has a receiver accept it and use the real endpoints',
  ],
  [
    'unknown',
    'unknown-refused',
    'warning',
    'senders of version 1 that know no client send UNKNOWN; section 2.1 has a receiver accept it',
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
]

/** What a listener that reads headers has to accept: treated like the whole header. */
function headerFindings({ contract, probed }: Examination): DoctorFinding[] {
  const [lowest] = contract.versions
  if (lowest === undefined) return []
  const highest = contract.versions.at(-1)
  const refused = HEADER_CHECKS.filter(([probe]) => {
    const version = probe === 'local' ? 2 : probe === 'unknown' ? 1 : undefined
    if (version !== undefined && !contract.versions.includes(version)) return false
    // Who refuses every header in two pieces has not shown how long it waits.
    if (probe === 'slow' && !isAcceptedAs(probed, 'split', highest ?? lowest)) return false
    return !isAcceptedAs(probed, probe, version ?? highest ?? lowest)
  })
  const findings = refused.map(([probe, code, severity, advice]) =>
    finding(code, severity, `${answerText(answerTo(probed, probe))}: ${advice}`, probe),
  )
  if (isAcceptedAs(probed, 'two-headers', highest ?? lowest)) {
    findings.push(
      finding(
        'second-header-read',
        'warning',
        `two headers in a row are read, ${secondNamed(probed)}; where one proxy stands in front, read one: the second is the client's own`,
        'two-headers',
      ),
    )
  }
  const inside = probed.get('header-inside-tls')?.answer
  if (inside !== undefined && isAnswered(inside) && inside.status !== 400) {
    findings.push(
      finding(
        'header-inside-tls',
        'warning',
        'a header inside TLS was read or skipped: it is the client who writes there',
        'header-inside-tls',
      ),
    )
  }
  return findings
}

/** An answer as to the plain header, and not as to bytes that are none. */
function isAcceptedAs(probed: Examination['probed'], name: ProbeName, version: 1 | 2): boolean {
  const answer = answerTo(probed, name)
  if (!isAnswered(answer)) return false
  return alike(answer, answerTo(probed, `v${version}`)) || (answer.status ?? 400) !== 400
}

function secondNamed(probed: Examination['probed']): string {
  const text = answerTo(probed, 'two-headers').text
  if (namedIn(text, [CLAIMS.inner]).length > 0) return 'and the second one names the client'
  return namedIn(text, [CLAIMS.outer]).length > 0
    ? 'the first one names the client'
    : 'who counts is not shown'
}

function forgedFindings({ probed }: Examination): DoctorFinding[] {
  const forged = (['x-forwarded-for', 'forwarded'] as const).flatMap((header) => {
    const probe = `forged-${header}` as const
    const answer = answerTo(probed, probe)
    if (namedIn(answer.text, [CLAIMS[header]]).length === 0) return []
    if (showsHeaders(answer)) {
      return [
        finding(
          'shows-headers',
          'info',
          'the page shows request headers, so it does not tell whom it believes; give one that shows the client alone with --path',
          probe,
        ),
      ]
    }
    return [
      finding(
        'forged-header-believed',
        'warning',
        `${header} of this machine (${answer.localAddress}) is believed; fine only where this machine is one of the proxies`,
        probe,
      ),
    ]
  })
  return forged
}

function policyFindings(examination: Examination, policy: Policy): DoctorFinding[] {
  const identities = [...examination.probed.values()].flatMap((one) => {
    return misnamed(one, examination, policy)
  })
  return [...policyContract(examination, policy), ...identities]
}

/** Whether the policy expects of this machine what the listener does. */
function policyContract({ contract, probed }: Examination, policy: Policy): DoctorFinding[] {
  const peer = parseAddress(answerTo(probed, 'no-header').localAddress ?? '')
  const { proxyProtocol } = policy.current
  const isSender = peer !== undefined && policy.proxySenders.has(peer)
  const due =
    proxyProtocol === undefined
      ? 'none'
      : isSender
        ? proxyProtocol.optional === true
          ? 'optional'
          : 'required'
        : proxyProtocol.direct === 'accept'
          ? 'none'
          : 'unknown'
  if (due === contract.header) return []
  const words = {
    none: 'no header',
    optional: 'an optional header',
    required: 'a required header',
    unknown: 'that this machine is refused',
  }
  const seen = { ...words, unknown: 'that nothing was served' }
  return [
    finding(
      'policy-contract',
      'error',
      `the policy says ${words[due]} for ${peer?.text ?? 'this machine'}, and the listener shows ${seen[contract.header]}: it runs under another policy, or something stands before it`,
    ),
  ]
}

/** A served request whose page names another client than the policy. */
function misnamed(
  { probe, answer }: Probed,
  { contract, tls }: Examination,
  policy: Policy,
): DoctorFinding[] {
  const own = answer.localAddress ?? ''
  const named = namedIn(answer.text, [...Object.values(CLAIMS), own])
  if (answer.status === 400 || named.length === 0 || showsHeaders(answer)) return []
  const isRead = contract.versions.length > 0 && probe.name !== 'header-inside-tls'
  const expected = resolve(policy, {
    peer: own,
    headers: probe.headers,
    proxyHeaders: isRead ? probe.proxyHeaders.map(readHeader) : [],
    encrypted: tls,
  })
  const client = expected.status === 'resolved' ? expected.ip : 'undetermined'
  if (named.includes(client)) return []
  return [
    finding(
      'policy-identity',
      'error',
      `the policy names ${client} (${expected.reason}), the page ${named.join(', ')}`,
      probe.name,
    ),
  ]
}

function answerTo(probed: Examination['probed'], name: ProbeName): Answer {
  const found = probed.get(name)
  return (
    found?.answer ?? {
      kind: 'unreachable',
      status: undefined,
      contentType: undefined,
      text: '',
      localAddress: undefined,
    }
  )
}
