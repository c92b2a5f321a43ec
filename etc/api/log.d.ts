import { Address } from '@truehop/ip';
import type { Metrics } from '@truehop/ip/internal';
import { TruehopError } from '@truehop/ip';
import type { Writable } from 'node:stream';

export interface AboutClient {
    readonly asn?: number | undefined;
    readonly country?: string | undefined;
    readonly crawler?: string | undefined;
    readonly organization?: string | undefined;
    readonly synthetic?: 'bot' | 'test' | undefined;
}

export interface AccessLogOptions<Request = unknown> extends PrivacyOptions {
    readonly about?: readonly ClientKnowledge[] | undefined;
    readonly conflicts?: boolean | undefined;
    readonly decisions?: 'refused' | 'all' | undefined;
    readonly destination?: {
        write(text: string): unknown;
    } | undefined;
    readonly fields?: 'otel' | 'ecs' | 'combined' | undefined;
    readonly headers?: readonly string[] | undefined;
    readonly level?: Level | undefined;
    readonly query?: boolean | undefined;
    readonly skip?: ((request: Request, status: number | undefined) => boolean) | undefined;
    readonly span?: ((request: Request) => SpanLike | undefined) | undefined;
}

type AddressForm = 'full' | 'truncated' | 'hmac' | 'none';

export interface AddressPrivacy {
    readonly form: AddressForm;
    redact(text: string, at?: number): string;
    show(address: Address, at?: number): string;
    showText(text: string | undefined): string | undefined;
}

export function addressPrivacy(options: PrivacyOptions): AddressPrivacy;

interface Anchor {
    readonly every: number;
    readonly to: (head: Head) => void;
}

export interface AuditFinding {
    readonly code: AuditFindingCode;
    readonly line: number;
    readonly message: string;
}

type AuditFindingCode =
'altered'
| 'removed'
| 'out-of-order'
| 'broken-chain'
| 'no-record'
| 'cut-off'
| 'rewritten';

export interface AuditOptions extends PrivacyOptions {
    readonly address: AddressForm;
    readonly after?: Head | undefined;
    readonly anchor?: Anchor | undefined;
    readonly file?: string | undefined;
    readonly maxBytes?: number | undefined;
    readonly maxPending?: number | undefined;
    readonly maxPerSecond?: number | undefined;
    readonly onError?: ((error: Error) => void) | undefined;
    readonly stream?: Writable | undefined;
}

export interface AuditReport {
    readonly complete: boolean;
    readonly findingCount: number;
    readonly findings: readonly AuditFinding[];
    readonly last: Head | undefined;
    readonly ok: boolean;
    readonly records: number;
    readonly torn: number;
}

export type AuditSource = string | readonly string[] | AsyncIterable<Uint8Array | string>;

export class AuditTrail {
    constructor(options: AuditOptions);
    close(): Promise<void>;
    flush(): Promise<void>;
    get head(): Head;
    readonly metrics: readonly Metrics[];
    record(event: string, message: object): void;
    reopen(): Promise<void>;
}

export function auditTrail(options: AuditOptions): AuditTrail;

export interface ClientKnowledge {
    facts(address: Address): AboutClient;
}

export interface Head {
    readonly hash: string;
    readonly seq: number;
}

interface HmacOptions {
    readonly key: string | Uint8Array | 'ephemeral';
    readonly period?: number | undefined;
}

interface KeptBits {
    readonly ipv4?: number | undefined;
    readonly ipv6?: number | undefined;
}

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

const LOG_ERROR_CODES: readonly ['bad-option', 'unknown-option', 'missing-key', 'weak-key'];

export class LogError extends TruehopError {
    constructor(code: LogErrorCode, path: string, message: string);
    readonly code: LogErrorCode;
    readonly name = "LogError";
}

export type LogErrorCode = (typeof LOG_ERROR_CODES)[number];

export type Logger = Readonly<Record<Level, {
    (fields: object, message?: string): void;
    (message: string): void;
}>>;

export interface PrivacyOptions {
    readonly address?: AddressForm | undefined;
    readonly hmac?: HmacOptions | undefined;
    readonly keep?: KeptBits | undefined;
}

interface SpanLike {
    setAttribute(name: string, value: string | number): unknown;
}

export function verifyAudit(source: AuditSource, options?: VerifyAuditOptions): Promise<AuditReport>;

export interface VerifyAuditOptions {
    readonly after?: Head | undefined;
    readonly anchors?: readonly Head[] | undefined;
}
