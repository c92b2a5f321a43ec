import type { Address } from '@truehop/ip';
import type { Http2ServerRequest } from 'node:http2';
import type { Http2Stream } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import { Server } from 'node:net';
import type { ServerHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { TruehopError } from '@truehop/ip';

export interface AcceptCounters {
    readonly accepted: number;
    readonly direct: number;
    readonly headerInPayload: number;
    readonly local: number;
    readonly pending: number;
    readonly probes: number;
    readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
    readonly refusedTotal: number;
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
    readonly onRefused?: ((refusal: Refusal) => void) | undefined;
    readonly optional?: boolean | undefined;
    readonly timeout?: number | undefined;
    readonly unsafeShortTimeout?: boolean | undefined;
}

export function acceptProxyProtocol(server: Server, options: AcceptOptions): ProxyProtocolHandle;

type Command = 'PROXY' | 'LOCAL';

interface ConnectionEvidence {
    readonly headers: readonly ProxyHeader[];
    readonly peer: string | 'unix' | undefined;
    readonly peerPort?: number | undefined;
    readonly received?: true | undefined;
}

type Endpoint = InetEndpoint | UnixEndpoint;

type EvidenceSource = Socket | TLSSocket | IncomingMessage | Http2Stream | Http2ServerRequest | ServerHttp2Session | {
    readonly socket: {
        readonly remoteAddress?: string | undefined;
        readonly remotePort?: number | undefined;
    };
};

type Family = 'INET' | 'INET6' | 'UNIX' | 'UNSPEC';

export class FewLines {
    constructor(perMinute: number, sumUp: (reason: string, suppressed: number) => void);
    write(reason: string, line: () => void): void;
}

interface InetEndpoint {
    readonly address: string;
    readonly port: number;
}

type MalformedCode = 'v1_malformed' | 'v1_bad_family' | 'v1_bad_address' | 'v1_bad_port' | 'v1_bad_terminator' | 'v1_too_long' | 'v2_bad_version' | 'v2_bad_command' | 'v2_bad_family' | 'v2_bad_transport' | 'v2_short_address' | 'v2_too_long' | 'datagram_truncated' | 'tlv_truncated' | 'unique_id_too_long' | 'ssl_tlv_malformed' | 'crc_bad_length' | 'crc_duplicate' | 'crc_mismatch';

interface PeerMembership {
    has(peer: Address | 'unix'): boolean;
}

export function proxyEvidence(source: EvidenceSource | undefined): ConnectionEvidence;

interface ProxyHeader {
    readonly command: Command;
    readonly destination?: Endpoint | undefined;
    readonly family: Family;
    readonly source?: Endpoint | undefined;
    readonly tlvs: readonly Tlv[];
    readonly transport: Transport;
    readonly version: 1 | 2;
}

export interface ProxyProtocolHandle {
    close(): void;
    readonly counters: AcceptCounters;
}

interface Refusal {
    readonly firstBytes: Uint8Array;
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

interface RefusalLogOptions {
    readonly perMinute?: number | undefined;
}

type RefusalReason = 'missing' | 'tls-without-header' | 'http-without-header' | `malformed:${MalformedCode}` | 'checksum' | 'timeout' | 'closed' | 'reset' | 'untrusted-peer' | 'too-many-pending' | 'shutting-down';

interface Tlv {
    readonly type: number;
    readonly value: Uint8Array;
}

type Transport = 'STREAM' | 'DGRAM' | 'UNSPEC';

interface UnixEndpoint {
    readonly path: string;
}
