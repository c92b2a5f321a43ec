import type { Address } from '@truehop/ip';
import { Agent } from 'node:http';
import { Agent as Agent_2 } from 'node:https';
import { AgentOptions } from 'node:http';
import { AgentOptions as AgentOptions_2 } from 'node:https';
import { Buffer as Buffer_2 } from 'node:buffer';
import { ClientRequestArgs } from 'node:http';
import { ConnectionOptions } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { Http2ServerRequest } from 'node:http2';
import type { Http2Stream } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import { NetConnectOpts } from 'node:net';
import { RequestOptions } from 'node:https';
import { RequestOptions as RequestOptions_2 } from 'node:http';
import { Server } from 'node:net';
import type { ServerHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { TruehopError } from '@truehop/ip';

interface Absent {
    readonly status: 'absent';
}

export interface AcceptCounters {
    readonly accepted: number;
    readonly direct: number;
    readonly headerInPayload: number;
    readonly local: number;
    readonly name?: string | undefined;
    readonly pending: number;
    readonly probes: number;
    readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
    readonly refusedTotal: number;
    readonly version1: number;
    readonly version2: number;
}

export interface AcceptedMessage {
    readonly evidence: ConnectionEvidence;
    readonly headerInPayload: boolean;
    readonly listener?: string | undefined;
    readonly server: Server;
    readonly socket: Socket;
    readonly waited: number;
}

export class AcceptError extends TruehopError {
    constructor(code: AcceptErrorCode, message: string, path?: string, cause?: unknown);
    readonly code: AcceptErrorCode;
    readonly name = "AcceptError";
}

export type AcceptErrorCode = 'bad-accept-option' | 'bad-server' | 'already-accepting';

export interface AcceptOptions {
    readonly crc32c?: 'verify' | 'ignore' | undefined;
    readonly direct?: 'reject' | 'accept' | undefined;
    readonly from: Iterable<string> | PeerMembership;
    readonly healthCheckFrom?: Iterable<string> | PeerMembership | undefined;
    readonly maxHeaderBytes?: number | undefined;
    readonly maxHeaders?: number | undefined;
    readonly maxPending?: number | undefined;
    readonly maxPendingPerPeer?: number | undefined;
    readonly mixedFamilies?: 'reject' | 'accept' | undefined;
    readonly name?: string | undefined;
    readonly onRefused?: ((refusal: Refusal) => void) | undefined;
    readonly optional?: boolean | undefined;
    readonly timeout?: number | undefined;
    readonly unsafeShortTimeout?: boolean | undefined;
    readonly versions?: readonly ProxyVersion[] | undefined;
}

export function acceptProxyProtocol(server: Server, options: AcceptOptions): ProxyProtocolHandle;

type Command = 'PROXY' | 'LOCAL';

interface Complete {
    readonly byteLength: number;
    readonly header: ProxyHeader;
    readonly status: 'complete';
}

interface CompleteDatagram {
    readonly byteLength: number;
    readonly header: ProxyHeader;
    readonly payload: Uint8Array;
    readonly status: 'complete';
}

export interface ConnectionEvidence {
    readonly headers: readonly ProxyHeader[];
    readonly peer: string | 'unix' | undefined;
    readonly peerPort?: number | undefined;
    readonly received?: true | undefined;
}

type Connector = (target: ConnectorTarget, callback: ConnectorCallback) => void;

type ConnectorCallback = (...result: [null, Socket] | [Error, null]) => void;

interface ConnectorOptions extends EncodeOptions {
    readonly timeout?: number | undefined;
    readonly tls?: ConnectionOptions | undefined;
}

interface ConnectorTarget {
    readonly host?: string | undefined;
    readonly hostname: string;
    readonly localAddress?: string | null | undefined;
    readonly port: string | number;
    readonly protocol: string;
    readonly servername?: string | undefined;
}

type Created = (error: Error | null, socket: Duplex) => void;

export class DatagramFlows {
    constructor(options: DatagramFlowsOptions, now?: () => number);
    read(message: Uint8Array, sender: DatagramSender): FlowDatagram;
    get refused(): Readonly<Partial<Record<DatagramRefusal, number>>>;
    get size(): number;
}

export interface DatagramFlowsOptions {
    readonly from: AcceptOptions['from'];
    readonly idleTimeout?: number | undefined;
    readonly maxFlows?: number | undefined;
}

export type DatagramRefusal =
'untrusted-peer'
| 'unknown-flow'
| 'malformed'
| 'another-header'
| 'too-many-flows';

export type DatagramResult = CompleteDatagram | Absent | Malformed;

export interface DatagramSender {
    readonly address: string;
    readonly port: number;
}

export function decode(bytes: Uint8Array, options?: DecodeOptions): DecodeResult;

export function decodeDatagram(message: Uint8Array, options?: DecodeOptions): DatagramResult;

export interface DecodeOptions {
    readonly crc32c?: 'verify' | 'ignore' | undefined;
    readonly maxHeaderBytes?: number | undefined;
    readonly mixedFamilies?: 'reject' | 'accept' | undefined;
}

export type DecodeResult = Complete | Incomplete | Absent | Malformed;

export function decodeSimpleProxyProtocol(message: Uint8Array): SimpleProxyDatagram | Absent | Malformed;

export function encode(header: HeaderInput, options?: EncodeOptions): Buffer_2;

export class EncodeError extends TruehopError {
    constructor(code: EncodeErrorCode, message: string, path?: string);
    readonly code: EncodeErrorCode;
    readonly name = "EncodeError";
}

export type EncodeErrorCode = 'header-field' | 'v1-command' | 'v1-family' | 'v1-transport' | 'v1-tlvs' | 'endpoint-missing' | 'endpoint-unexpected' | 'address-text' | 'address-family' | 'port-range' | 'unix-path' | 'tlv-value' | 'tlv-position' | 'header-length';

export interface EncodeOptions {
    readonly crc32c?: boolean | undefined;
}

export type Endpoint = InetEndpoint | UnixEndpoint;

export type EvidenceSource = Socket | TLSSocket | IncomingMessage | Http2Stream | Http2ServerRequest | ServerHttp2Session | {
    readonly socket: {
        readonly remoteAddress?: string | undefined;
        readonly remotePort?: number | undefined;
    };
};

type Family = 'INET' | 'INET6' | 'UNIX' | 'UNSPEC';

export type FlowDatagram = {
    readonly status: 'complete';
    readonly source: DatagramSender | undefined;
    readonly header: ProxyHeader;
    readonly payload: Uint8Array;
} | {
    readonly status: 'refused';
    readonly reason: DatagramRefusal;
};

export function forwardTlvs(header: {
    readonly tlvs?: readonly Tlv[] | undefined;
}, allow: readonly number[]): readonly Tlv[];

export function headerFor(socket: Socket, options?: {
    readonly version?: 1 | 2 | undefined;
    readonly tlvs?: readonly Tlv[] | undefined;
}): HeaderInput | undefined;

export type HeaderInput = Omit<ProxyHeader, 'tlvs'> & {
    readonly tlvs?: readonly Tlv[] | undefined;
};

interface Incomplete {
    readonly status: 'incomplete';
}

interface InetEndpoint {
    readonly address: string;
    readonly port: number;
}

export const LOCAL_HEADER: HeaderInput;

interface Malformed {
    readonly code: MalformedCode;
    readonly message: string;
    readonly offset: number;
    readonly status: 'malformed';
}

export type MalformedCode = 'v1_malformed' | 'v1_bad_family' | 'v1_bad_address' | 'v1_bad_port' | 'v1_bad_terminator' | 'v1_too_long' | 'v2_bad_version' | 'v2_bad_command' | 'v2_bad_family' | 'v2_bad_transport' | 'v2_short_address' | 'v2_too_long' | 'datagram_truncated' | 'tlv_truncated' | 'unique_id_too_long' | 'ssl_tlv_malformed' | 'crc_bad_length' | 'crc_duplicate' | 'crc_mismatch';

export interface PeerMembership {
    has(peer: Address | 'unix'): boolean;
}

export interface ProxyAgentOptions extends EncodeOptions {
    readonly proxyHeader?: HeaderInput | undefined;
}

export function proxyConnect(options: ProxyConnectOptions & {
    readonly tls: ConnectionOptions;
}): TLSSocket;

export function proxyConnect(options: ProxyConnectOptions): Socket;

export type ProxyConnectOptions = NetConnectOpts & EncodeOptions & {
    readonly header: HeaderInput;
    readonly tls?: ConnectionOptions | undefined;
};

export function proxyConnector(header: HeaderInput, options?: ConnectorOptions): Connector;

export function proxyEvidence(source: EvidenceSource | undefined): ConnectionEvidence;

export interface ProxyHeader {
    readonly command: Command;
    readonly destination?: Endpoint | undefined;
    readonly family: Family;
    readonly source?: Endpoint | undefined;
    readonly tlvs: readonly Tlv[];
    readonly transport: Transport;
    readonly version: 1 | 2;
}

export class ProxyHttpAgent extends Agent {
    constructor(options?: AgentOptions & ProxyAgentOptions);
    createConnection(options: ClientRequestArgs): Duplex;
    getName(options?: ClientRequestArgs): string;
}

export class ProxyHttpsAgent extends Agent_2 {
    constructor(options?: AgentOptions_2 & ProxyAgentOptions);
    createConnection(options: RequestOptions, callback?: Created): Duplex | null | undefined;
    getName(options?: RequestOptions): string;
}

export interface ProxyProtocolHandle {
    close(): void;
    readonly counters: AcceptCounters;
}

export type ProxyRequestOptions = (RequestOptions_2 | RequestOptions) & {
    readonly proxyHeader?: HeaderInput | undefined;
};

export type ProxyVersion = 1 | 2;

export interface Refusal {
    readonly firstBytes: Uint8Array;
    readonly listener?: string | undefined;
    readonly localAddress?: string | undefined;
    readonly localPort?: number | undefined;
    readonly message: string;
    readonly peer: string | 'unix' | undefined;
    readonly peerPort?: number | undefined;
    readonly reason: RefusalReason;
}

export function refusalLog(logger: RefusalLogger, options?: RefusalLogOptions): (refusal: Refusal) => void;

export interface RefusalLogger {
    warn(fields: object, message: string): void;
}

export interface RefusalLogOptions {
    readonly perMinute?: number | undefined;
}

export type RefusalReason = 'missing' | 'tls-without-header' | 'http-without-header' | 'version-not-accepted' | `malformed:${MalformedCode}` | 'checksum' | 'timeout' | 'closed' | 'reset' | 'untrusted-peer' | 'too-many-pending' | 'shutting-down';

export interface RefusedMessage {
    readonly refusal: Refusal;
    readonly server: Server;
}

export interface SimpleProxyDatagram {
    readonly byteLength: 38;
    readonly destination: {
        readonly address: string;
        readonly port: number;
    };
    readonly payload: Uint8Array;
    readonly source: {
        readonly address: string;
        readonly port: number;
    };
    readonly status: 'complete';
}

export const SslSubtype: Readonly<{
    VERSION: 33;
    CN: 34;
    CIPHER: 35;
    SIG_ALG: 36;
    KEY_ALG: 37;
    GROUP: 38;
    SIG_SCHEME: 39;
    CLIENT_CERT: 40;
}>;

interface SslView {
    readonly certInSession: boolean;
    readonly certOnConnection: boolean;
    readonly cipher: string | undefined;
    readonly client: number;
    readonly clientCert: Uint8Array | undefined;
    readonly cn: string | undefined;
    readonly group: string | undefined;
    readonly keyAlg: string | undefined;
    readonly sigAlg: string | undefined;
    readonly sigScheme: string | undefined;
    readonly tls: boolean;
    readonly tlvs: readonly Tlv[];
    readonly verified: boolean;
    readonly verify: number;
    readonly version: string | undefined;
}

export interface Tlv {
    readonly type: number;
    readonly value: Uint8Array;
}

export const TlvType: Readonly<{
    ALPN: 1;
    AUTHORITY: 2;
    CRC32C: 3;
    NOOP: 4;
    UNIQUE_ID: 5;
    SSL: 32;
    NETNS: 48;
    GOOGLE_PSC: 224;
    AWS: 234;
    AZURE: 238;
}>;

export interface TlvViews {
    all(type: number): Uint8Array[];
    readonly alpn: string | undefined;
    readonly authority: string | undefined;
    readonly awsVpcEndpointId: string | undefined;
    readonly azureLinkId: number | undefined;
    readonly crc32c: number | undefined;
    readonly googlePscConnectionId: bigint | undefined;
    readonly netns: string | undefined;
    readonly ssl: SslView | undefined;
    readonly uniqueId: Uint8Array | undefined;
}

export function tlvViews(header: Pick<ProxyHeader, 'tlvs'>): TlvViews;

type Transport = 'STREAM' | 'DGRAM' | 'UNSPEC';

interface UnixEndpoint {
    readonly path: string;
}
