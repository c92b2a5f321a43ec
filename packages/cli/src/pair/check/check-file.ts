import type { Place } from '../../listen/listening.js'
import { UsageError } from '../../program/usage-error.js'
import type { HopContract } from '../hop-contract.js'
import { readApache } from './apache-reader.js'
import { readAwsAttributes } from './aws-reader.js'
import { readCaddyfile } from './caddy-reader.js'
import { compare, type PairFinding } from './compare.js'
import { readHaproxy } from './haproxy-reader.js'
import { readNginx } from './nginx-reader.js'
import type { NotUnderstood, Reading } from './sender.js'
import { readYaml } from './yaml-reader.js'

/** How a configuration compares with a policy. */
export interface Check {
  readonly format: string
  readonly findings: readonly PairFinding[]
  readonly notUnderstood: readonly NotUnderstood[]
}

interface Format {
  readonly name: string
  readonly is: (text: string) => boolean
  readonly read: (text: string) => Reading
}

const FORMATS: readonly Format[] = [
  {
    name: 'attributes',
    is: (text) => /^\s*\{/.test(text) && text.includes('"Attributes"'),
    read: readAwsAttributes,
  },
  {
    name: 'haproxy.cfg',
    is: (text) => /^(?:(?:listen|backend|frontend)[ \t]+[\w.-]+|defaults)[ \t]*$/m.test(text),
    read: readHaproxy,
  },
  {
    name: 'nginx.conf',
    is: (text) => /^[ \t]*(?:(?:http|stream|server)\s*\{|proxy_pass\s[^\n]*;)/m.test(text),
    read: readNginx,
  },
  {
    name: 'httpd.conf',
    is: (text) => /^[ \t]*(?:<VirtualHost\s|ProxyPass(?:Match)?\s)/im.test(text),
    read: readApache,
  },
  {
    name: 'Caddyfile',
    is: (text) => /^[ \t]*reverse_proxy\s/m.test(text),
    read: readCaddyfile,
  },
  {
    name: 'YAML',
    is: (text) => /^(?:---|[\w-]+:|\{)/m.test(text),
    read: readYaml,
  },
]

/**
 * Reads the configuration of a hop, whichever of the formats it is, and compares it.
 *
 * @throws {UsageError} for a text in none of them, or one that cannot be read.
 */
export function checkFile(
  file: string,
  text: string,
  contract: HopContract,
  upstream?: Place,
): Check {
  const format = FORMATS.find(({ is }) => is(text))
  if (format === undefined) {
    throw new UsageError(
      `${file} is not a known kind of configuration; give a haproxy.cfg, an nginx.conf, an httpd.conf, a Caddyfile, YAML manifests, or what describe-target-group-attributes prints`,
    )
  }
  const { senders, notUnderstood } = format.read(text)
  return { format: format.name, findings: compare(senders, contract, upstream), notUnderstood }
}
