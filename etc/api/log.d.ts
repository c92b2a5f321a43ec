import { Address } from '@truehop/ip';
import { ClientIdentity } from '@truehop/identity';
import { IdentifiableRequest } from '@truehop/identity';
import { TruehopError } from '@truehop/ip';
import type { Writable } from 'node:stream';

export class AccessLog<Request = unknown> {
    constructor(options: AccessLogOptions<Request>);
    complainUnbound(logger: Logger): void;
    headers(all: Readonly<Record<string, string | readonly string[] | undefined>>): Exchange['headers'];
    identity(request: IdentifiableRequest): ClientIdentity | undefined;
    mark(request: Request, identity: ClientIdentity): void;
    get marks(): boolean;
    readonly privacy: AddressPrivacy;
    record(exchange: Exchange): AccessRecord;
    write(logger: Logger, exchange: Exchange, request?: Request): void;
}

export interface AccessLogOptions<Request = unknown> extends PrivacyOptions {
    readonly conflicts?: boolean;
    readonly destination?: {
        write(text: string): unknown;
    };
    readonly fields?: 'otel' | 'ecs' | 'combined';
    readonly headers?: readonly string[];
    readonly level?: Level;
    readonly query?: boolean;
    readonly skip?: (request: Request, status: number | undefined) => boolean;
    readonly span?: (request: Request) => SpanLike | undefined;
}

export type AccessRecord = {
    readonly fields: Fields;
    readonly line?: never;
} | {
    readonly line: string;
    readonly fields?: never;
};

export type AddressForm = 'full' | 'truncated' | 'hmac';

export interface AddressPrivacy {
    readonly form: AddressForm;
    redact(text: string): string;
    show(address: Address): string;
    showText(text: string | undefined): string | undefined;
}

export function addressPrivacy(options: PrivacyOptions): AddressPrivacy;

export interface AuditFinding {
    readonly code: AuditFindingCode;
    readonly line: number;
    readonly message: string;
}

export type AuditFindingCode =
'altered'
| 'removed'
| 'out-of-order'
| 'broken-chain'
| 'no-record'
| 'cut-off'
| 'rewritten';

export interface AuditOptions extends PrivacyOptions {
    readonly address: AddressForm;
    readonly after?: Head;
    readonly anchor?: {
        readonly every: number;
        readonly to: (head: Head) => void;
    };
    readonly file?: string;
    readonly maxBytes?: number;
    readonly maxPending?: number;
    readonly maxPerSecond?: number;
    readonly onError?: (error: Error) => void;
    readonly stream?: Writable;
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
    record(event: string, message: object): void;
    reopen(): Promise<void>;
}

export function auditTrail(options: AuditOptions): AuditTrail;

export interface DecisionNote {
    readonly by: string;
    readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export interface Exchange {
    readonly aborted: boolean;
    readonly anomalies: readonly string[];
    readonly bytes: number;
    readonly duration: number;
    readonly headers: Readonly<Record<string, readonly string[]>>;
    readonly httpVersion: string;
    readonly identity: ClientIdentity | undefined;
    readonly method: string;
    readonly notes: readonly DecisionNote[];
    readonly referer: string | undefined;
    readonly requestId: string | undefined;
    readonly route: string | undefined;
    readonly scheme: string;
    readonly startedAt: number;
    readonly status: number | undefined;
    readonly target: string;
    readonly userAgent: string | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;

export interface Head {
    readonly hash: string;
    readonly seq: number;
}

export interface HmacOptions {
    readonly key: string | Uint8Array | 'ephemeral';
    readonly period?: number;
}

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export const LOG_ERROR_CODES: readonly ['bad-option', 'unknown-option', 'missing-key', 'weak-key'];

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
    readonly address?: AddressForm;
    readonly hmac?: HmacOptions;
}

export interface SpanLike {
    setAttribute(name: string, value: string | number): unknown;
}

export function verifyAudit(source: AuditSource, options?: VerifyAuditOptions): Promise<AuditReport>;

export interface VerifyAuditOptions {
    readonly after?: Head;
    readonly anchors?: readonly Head[];
}
