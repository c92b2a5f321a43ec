import type { IncomingMessage } from 'node:http'
import type { PrivacyOptions } from '../privacy/privacy-options.js'
import { AccessLog } from '../record/access-log.js'
import { type ClientFacts, clientFacts } from '../record/client-facts.js'

/** The part of morgan that is needed: it keeps its tokens on itself. */
export interface TokenRegistry {
  token(name: string, value: (request: IncomingMessage) => string | undefined): unknown
}

/** Tokens by name, and what they show about the client. */
const CLIENT_TOKENS: Readonly<Record<string, (facts: ClientFacts) => string | number | undefined>> =
  {
    // The name that morgan's own formats use for the address.
    'remote-addr': ({ client }) => client,
    'client-address': ({ client }) => client,
    'client-port': ({ clientPort }) => clientPort,
    'network-peer-address': ({ peer }) => peer,
    'network-peer-port': ({ peerPort }) => peerPort,
    'identity-status': ({ status }) => status,
    'identity-source': ({ source }) => source,
    'identity-reason': ({ reason }) => reason,
    'identity-rule': ({ rule }) => rule,
  }

/**
 * Tokens for use with morgan: call `morganTokens(morgan)` once, before its formats are used. Adds
 * `:client-address`, `:client-port`, `:network-peer-address`, `:network-peer-port`,
 * `:identity-status`, `:identity-source`, `:identity-reason` and `:identity-rule`, and replaces
 * `:remote-addr`, so that `combined` and morgan's other formats show the identity. Use morgan 1.12
 * or later: before that, a quote in a header ended the field it was in. Throws `LogError` for bad
 * options.
 */
export function morganTokens(morgan: TokenRegistry, options: PrivacyOptions = {}): void {
  const log = new AccessLog<IncomingMessage>(options)
  for (const [name, shown] of Object.entries(CLIENT_TOKENS)) {
    morgan.token(name, (request) => {
      const value = shown(clientFacts(log.identity(request), log.privacy))
      return value === undefined ? undefined : String(value)
    })
  }
}
