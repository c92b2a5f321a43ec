import { truehop } from '../../../packages/cli/test/command-line.js'

/** What `doctor --json` prints, as far as the suites look at it. */
export interface Examination {
  readonly code: number
  readonly contract: { readonly header: string; readonly versions: number[]; readonly tls: string }
  readonly probes: readonly {
    readonly name: string
    readonly answer: { readonly kind: string; readonly status?: number }
    readonly names: readonly string[]
  }[]
  readonly healthChecks: readonly { readonly check: string; readonly passes: boolean }[]
  readonly findings: readonly {
    readonly code: string
    readonly severity: string
    readonly probe?: string
    readonly message: string
  }[]
}

/** Runs `truehop doctor` against a port of this machine. */
export async function examine(port: number, ...args: readonly string[]): Promise<Examination> {
  const place = `127.0.0.1:${port}`
  const { code, out } = await truehop(['doctor', place, '--json', '--timeout', '2500', ...args])
  return { ...JSON.parse(out), code }
}

/** The codes of findings that count for the exit code. */
export function wrongs({ findings }: Examination): string[] {
  return findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code)
}

/** What is worth knowing: findings that do not count. */
export function notes({ findings }: Examination): string[] {
  return findings.filter(({ severity }) => severity === 'info').map(({ code }) => code)
}

/** Whom the page named, probe by probe. */
export function names({ probes }: Examination): Record<string, readonly string[]> {
  return Object.fromEntries(probes.map(({ name, names: found }) => [name, found]))
}

/** The health checks that pass. */
export function passing({ healthChecks }: Examination): string[] {
  return healthChecks.filter(({ passes }) => passes).map(({ check }) => check)
}
