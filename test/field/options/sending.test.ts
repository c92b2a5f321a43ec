import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  Agent as HttpAgent,
  createServer as createHttp,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps, request as requestHttps } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  acceptProxyProtocol,
  type HeaderInput,
  LOCAL_HEADER,
  ProxyHttpAgent,
  ProxyHttpsAgent,
  type ProxyRequestOptions,
  proxyConnect,
  proxyConnector,
  proxyEvidence,
  TlvType,
} from '@truehop/proxy-protocol'
import { Client, request as undiciRequest } from 'undici'
import { describe, expect, test } from 'vitest'
import { documentedOptions, expectComplete, type OptionCase } from './documented.js'
import { stopAfterEach, stopLater } from './site.js'

stopAfterEach()

const PEM = readFileSync(
  new URL('../../../packages/proxy-protocol/test/fixtures/localhost.pem', import.meta.url),
)
const TLS = { ca: PEM, servername: 'localhost' }
const CLIENT = '198.51.100.7'
const HEADER: HeaderInput = {
  version: 2,
  command: 'PROXY',
  family: 'INET',
  transport: 'STREAM',
  source: { address: CLIENT, port: 51_442 },
  destination: { address: '192.0.2.80', port: 443 },
}

/** What a receiver of this project says about a connection. */
interface Seen {
  readonly client: string
  readonly isEncrypted: boolean
  readonly hasChecksum: boolean
}
