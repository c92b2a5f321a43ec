import { Address } from '@truehop/ip';
import { TruehopError } from '@truehop/ip';
import type { Writable } from 'node:stream';

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

type AddressForm = 'full' | 'truncated' | 'hmac';

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

export interface Head {
    readonly hash: string;
    readonly seq: number;
}

interface HmacOptions {
    readonly key: string | Uint8Array | 'ephemeral';
    readonly period?: number;
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
    readonly address?: AddressForm;
    readonly hmac?: HmacOptions;
}

interface SpanLike {
    setAttribute(name: string, value: string | number): unknown;
}

export function verifyAudit(source: AuditSource, options?: VerifyAuditOptions): Promise<AuditReport>;

export interface VerifyAuditOptions {
    readonly after?: Head;
    readonly anchors?: readonly Head[];
}
