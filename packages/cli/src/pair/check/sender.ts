/**
 * What happens to a request header. `set`: only the hop's own value. `append`: the hop's value
 * after what was there. `clear`: gone. `guarded`: kept from some addresses, otherwise gone or set.
 * `pass`: as the client wrote it.
 */
export type Treatment = 'set' | 'append' | 'clear' | 'guarded' | 'pass'

/** One way from a hop to a service, as a configuration has it. */
export interface Sender {
  /** A line, or a name within the file. */
  readonly place: string
  /** HOST:PORT where the configuration says it. */
  readonly to: string | undefined
  /** Whether the hop reads HTTP here. */
  readonly http: boolean
  /** Whether it sends a PROXY header. */
  readonly proxy: boolean
  /** By lower-case name; undefined for what the configuration does not mention. */
  readonly treatment: (name: string) => Treatment
  /** Prefixes whose word about the client the hop takes. */
  readonly trusts: readonly string[]
  /** Whether its health checks carry a PROXY header; undefined where it makes none. */
  readonly checksWithHeader: boolean | undefined
}

/** What a reader of some format found. */
export interface Reading {
  readonly senders: readonly Sender[]
  readonly notUnderstood: readonly NotUnderstood[]
}

export interface NotUnderstood {
  readonly place: string
  readonly text: string
}

/** Prefixes of whoever connects. */
export const EVERYBODY: readonly string[] = ['0.0.0.0/0', '::/0']

/** A treatment by name, where one of several directives may speak of a header. */
export function treatments(
  of: ReadonlyMap<string, Treatment>,
  otherwise: Treatment = 'pass',
): Sender['treatment'] {
  return (name) => of.get(name) ?? otherwise
}

/** One that does not read what it sends on. */
export const tcpSender = (place: string, proxy: boolean): Sender => ({
  place,
  to: undefined,
  http: false,
  proxy,
  treatment: treatments(new Map()),
  trusts: [],
  checksWithHeader: undefined,
})
