import { TruehopError } from '@truehop/ip';

interface Absent {
    readonly status: 'absent';
}

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

export type DatagramResult = CompleteDatagram | Absent | Malformed;

export function decode(bytes: Uint8Array, options?: DecodeOptions): DecodeResult;

export function decodeDatagram(message: Uint8Array, options?: DecodeOptions): DatagramResult;

export interface DecodeOptions {
    readonly crc32c?: 'verify' | 'ignore' | undefined;
    readonly maxHeaderBytes?: number | undefined;
    readonly mixedFamilies?: 'reject' | 'accept' | undefined;
}

export type DecodeResult = Complete | Incomplete | Absent | Malformed;

export function decodeSimpleProxyProtocol(message: Uint8Array): SimpleProxyDatagram | Absent | Malformed;

export class EncodeError extends TruehopError {
    constructor(code: EncodeErrorCode, message: string, path?: string);
    readonly code: EncodeErrorCode;
    readonly name = "EncodeError";
}

export type EncodeErrorCode = 'header-field' | 'v1-command' | 'v1-family' | 'v1-transport' | 'v1-tlvs' | 'endpoint-missing' | 'endpoint-unexpected' | 'address-text' | 'address-family' | 'port-range' | 'unix-path' | 'tlv-value' | 'tlv-position' | 'header-length';

export function encodeHeader(header: HeaderInput, options?: EncodeOptions): Uint8Array;

export interface EncodeOptions {
    readonly crc32c?: boolean | undefined;
}

export type Endpoint = InetEndpoint | UnixEndpoint;

type Family = 'INET' | 'INET6' | 'UNIX' | 'UNSPEC';

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

interface Malformed {
    readonly code: MalformedCode;
    readonly message: string;
    readonly offset: number;
    readonly status: 'malformed';
}

export type MalformedCode = 'v1_malformed' | 'v1_bad_family' | 'v1_bad_address' | 'v1_bad_port' | 'v1_bad_terminator' | 'v1_too_long' | 'v2_bad_version' | 'v2_bad_command' | 'v2_bad_family' | 'v2_bad_transport' | 'v2_short_address' | 'v2_too_long' | 'datagram_truncated' | 'tlv_truncated' | 'unique_id_too_long' | 'ssl_tlv_malformed' | 'crc_bad_length' | 'crc_duplicate' | 'crc_mismatch';

export interface ProxyHeader {
    readonly command: Command;
    readonly destination?: Endpoint | undefined;
    readonly family: Family;
    readonly source?: Endpoint | undefined;
    readonly tlvs: readonly Tlv[];
    readonly transport: Transport;
    readonly version: 1 | 2;
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
