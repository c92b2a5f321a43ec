import type { Http2ServerRequest } from 'node:http2';
import type { Http2Stream } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

export function captureAnnounced(socket: Socket): void;

export function captureEvidence(of: Socket | Http2Stream): ConnectionEvidence;

type Command = 'PROXY' | 'LOCAL';

export interface ConnectionEvidence {
    readonly headers: readonly ProxyHeader[];
    readonly peer: string | 'unix' | undefined;
    readonly peerPort?: number | undefined;
    readonly received?: true | undefined;
}

type Endpoint = InetEndpoint | UnixEndpoint;

export type EvidenceSource = Socket | TLSSocket | IncomingMessage | Http2Stream | Http2ServerRequest | ServerHttp2Session | {
    readonly socket: {
        readonly remoteAddress?: string | undefined;
        readonly remotePort?: number | undefined;
    };
};

type Family = 'INET' | 'INET6' | 'UNIX' | 'UNSPEC';

interface InetEndpoint {
    readonly address: string;
    readonly port: number;
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

export function storeEvidence(on: object, evidence: ConnectionEvidence): void;

interface Tlv {
    readonly type: number;
    readonly value: Uint8Array;
}

type Transport = 'STREAM' | 'DGRAM' | 'UNSPEC';

interface UnixEndpoint {
    readonly path: string;
}
