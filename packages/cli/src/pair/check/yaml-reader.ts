import { parseAllDocuments } from 'yaml'
import { messageOf, UsageError } from '../../program/usage-error.js'
import { readEnvoy } from './envoy-reader.js'
import { readIngressNginx } from './ingress-nginx-reader.js'
import { readManifest } from './manifest-reader.js'
import type { NotUnderstood, Reading, Sender } from './sender.js'
import { readTraefik } from './traefik-reader.js'
import { at, objectsIn } from './tree.js'

/**
 * YAML documents: manifests of Kubernetes, Envoy's bootstrap, Traefik's files.
 *
 * @throws {UsageError} for a text that is not YAML.
 */
export function readYaml(text: string): Reading {
  const documents = documentsIn(text)
  const ingress = readIngressNginx(documents.map(({ value }) => value))
  const senders: Sender[] = [...ingress.senders]
  const notUnderstood: NotUnderstood[] = [...ingress.notUnderstood]
  const traefik: unknown[] = []
  for (const [index, { value: document, warnings }] of documents.entries()) {
    notUnderstood.push(...warnings, ...openListeners(document, index + 1))
    if (ingress.read.has(document)) continue
    const kind = at(document, 'kind')
    if (typeof kind === 'string') {
      const read = readManifest(kind, document)
      if (read === undefined) notUnderstood.push({ place: String(index + 1), text: kind })
      else senders.push(...read)
    } else if (at(document, 'static_resources') !== undefined) {
      senders.push(...readEnvoy(document))
    } else {
      traefik.push(document)
    }
  }
  return { senders: [...senders, ...readTraefik(traefik)], notUnderstood }
}

const LISTENER_FILTER = /\.filters\.listener\.proxy_protocol\.v\d\.ProxyProtocol$/

/** Listeners at which whoever connects says who the client is: only a firewall limits that. */
function openListeners(document: unknown, place: number): NotUnderstood[] {
  return [...objectsIn(document)].flatMap((object) => {
    const type = String(at(object, '@type') ?? '')
    const isEnvoy = LISTENER_FILTER.test(type)
    const isGateway = at(object, 'enableProxyProtocol') === true
    if (!isEnvoy && !isGateway) return []
    return [{ place: String(place), text: isEnvoy ? type : 'enableProxyProtocol: true' }]
  })
}

interface Loaded {
  readonly value: unknown
  /** What was read otherwise than it was meant, such as a tag that nobody knows. */
  readonly warnings: readonly NotUnderstood[]
}

function documentsIn(text: string): Loaded[] {
  try {
    // Aliases can make a small text large: few are enough for a manifest.
    return [...parseAllDocuments(text)].map((document) => {
      const [error] = document.errors
      if (error !== undefined) throw error
      const value: unknown = document.toJS({ maxAliasCount: 100 })
      const warnings = document.warnings.map(({ message, linePos }) => {
        const [first = ''] = message.split('\n')
        return { place: String(linePos?.[0].line ?? 1), text: first.replace(/:$/, '') }
      })
      return { value, warnings }
    })
  } catch (error) {
    throw new UsageError(`the YAML cannot be read: ${messageOf(error)}`)
  }
}
