import { Address } from '@truehop/ip';
import type { ConnectionOptions } from 'node:tls';
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

export interface Acknowledgement extends SkippedKeys {
    readonly reason: string;
}

export function acknowledgeSkippedKeys(first: string, about: Acknowledgement): string;

type AddressForm = 'full' | 'truncated' | 'hmac' | 'none';

export interface AddressPrivacy {
    readonly form: AddressForm;
    redact(text: string, at?: number): string;
    show(address: Address, at?: number): string;
    showText(text: string | undefined): string | undefined;
}

export function addressPrivacy(options: PrivacyOptions): AddressPrivacy;

export interface Anchor {
    readonly every: number;
    readonly to: (head: Head) => void;
}

export interface AuditFinding {
    readonly code: AuditFindingCode;
    readonly line: number;
    readonly message: string;
    readonly skipped?: SkippedKeys | undefined;
}

type AuditFindingCode =
'altered'
| 'removed'
| 'out-of-order'
| 'broken-chain'
| 'forked'
| 'no-record'
| 'cut-off'
| 'rewritten'
| 'forged'
| 'future-key'
| 'skipped-keys'
| 'unknown-key'
| 'bad-acknowledgement'
| 'split-view'
| 'bad-checkpoint'
| 'not-cosigned';

export interface AuditOptions extends PrivacyOptions {
    readonly address: AddressForm;
    readonly after?: Head | undefined;
    readonly anchor?: Anchor | undefined;
    readonly checkpoints?: CheckpointOptions | undefined;
    readonly file?: string | undefined;
    readonly keyFile?: string | undefined;
    readonly maxBytes?: number | undefined;
    readonly maxPending?: number | undefined;
    readonly maxPerSecond?: number | undefined;
    readonly onError?: ((error: Error) => void) | undefined;
    readonly sinks?: readonly AuditSink[] | undefined;
    readonly stream?: Writable | undefined;
}

export interface AuditReport extends TrailReport {
    readonly unusedKeys: readonly string[];
}

export interface AuditSink {
    close(): Promise<void>;
    readonly name: string;
    open(listener: SinkListener): void;
    take(record: SinkRecord): void;
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

export interface CheckpointOptions {
    readonly cosigned?: ((checkpoint: string) => void) | undefined;
    readonly every?: number | undefined;
    readonly file: string;
    readonly interval?: number | undefined;
    readonly keyFile: string;
    readonly timeout?: number | undefined;
    readonly to?: ((checkpoint: string) => void) | undefined;
    readonly witnesses?: readonly WitnessOptions[] | undefined;
}

export interface ClientKnowledge {
    facts(address: Address): AboutClient;
}

export function createAuditKey(file: string): string;

export function createCheckpointKey(file: string, name: string): string;

const FACILITIES: {
    readonly user: 1;
    readonly daemon: 3;
    readonly auth: 4;
    readonly authpriv: 10;
    readonly audit: 13;
    readonly local0: 16;
    readonly local1: 17;
    readonly local2: 18;
    readonly local3: 19;
    readonly local4: 20;
    readonly local5: 21;
    readonly local6: 22;
    readonly local7: 23;
};

export type Facility = keyof typeof FACILITIES;

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

export interface KeptCheckpoints extends WitnessedNotes {
    readonly key: string;
}

export interface LedgerCheckpoints extends WitnessedNotes {
    readonly keys: readonly string[];
}

export type LedgerFile = string | (() => AsyncIterable<Uint8Array | string>);

export interface LedgerReport {
    readonly findingCount: number;
    readonly findings: readonly AuditFinding[];
    readonly ok: boolean;
    readonly records: number;
    readonly trails: readonly LedgerTrail[];
    readonly unused: UnusedEvidence;
}

export type LedgerSource = string | readonly LedgerFile[] | AsyncIterable<Uint8Array | string>;

export interface LedgerTrail extends TrailReport {
    readonly trail: string | undefined;
}

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

const LOG_ERROR_CODES: readonly ['bad-option', 'unknown-option', 'missing-key', 'weak-key'];

export interface LogEmitter {
    emit(record: {
        readonly timestamp: Date;
        readonly observedTimestamp: Date;
        readonly severityNumber: number;
        readonly severityText: string;
        readonly eventName: string;
        readonly body: string;
        readonly attributes: Record<string, string | number>;
    }): void;
}

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

export function openTelemetrySink(logger: LogEmitter): AuditSink;

export interface PrivacyOptions {
    readonly address?: AddressForm | undefined;
    readonly hmac?: HmacOptions | undefined;
    readonly keep?: KeptBits | undefined;
}

export interface SinkListener {
    error(error: Error): void;
    leftOut(count: number): void;
}

export interface SinkRecord {
    readonly event: string;
    readonly line: string;
    readonly seq: number;
    readonly time: number;
}

export interface SkippedKeys {
    readonly keys: string;
    readonly record: Head;
}

interface SpanLike {
    setAttribute(name: string, value: string | number): unknown;
}

export type StructuredData = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface SyslogOptions {
    readonly appName?: string | undefined;
    readonly facility?: Facility | undefined;
    readonly host: string;
    readonly hostname?: string | undefined;
    readonly maxMessage?: number | undefined;
    readonly maxPending?: number | undefined;
    readonly port?: number | undefined;
    readonly structuredData?: StructuredData | undefined;
    readonly tls?: ConnectionOptions | undefined;
}

export function syslogSink(options: SyslogOptions): AuditSink;

export interface TrailReport {
    readonly acknowledged: readonly AuditFinding[];
    readonly closed: boolean;
    readonly complete: boolean;
    readonly confirmed: number | undefined;
    readonly findingCount: number;
    readonly findings: readonly AuditFinding[];
    readonly last: Head | undefined;
    readonly ok: boolean;
    readonly records: number;
    readonly sealed: number;
    readonly torn: number;
}

export interface UnusedEvidence {
    readonly after: readonly Head[];
    readonly keys: readonly string[];
}

export function verifyAudit(source: AuditSource, options?: VerifyAuditOptions): Promise<AuditReport>;

export interface VerifyAuditOptions {
    readonly acknowledged?: readonly string[] | undefined;
    readonly after?: Head | undefined;
    readonly anchors?: readonly Head[] | undefined;
    readonly checkpoints?: KeptCheckpoints | undefined;
    readonly keys?: readonly string[] | undefined;
}

export function verifyLedger(source: LedgerSource, options?: VerifyLedgerOptions): Promise<LedgerReport>;

export interface VerifyLedgerOptions extends Pick<VerifyAuditOptions, 'keys' | 'anchors' | 'acknowledged'> {
    readonly after?: readonly Head[] | undefined;
    readonly checkpoints?: LedgerCheckpoints | undefined;
    readonly partial?: boolean | undefined;
}

interface WitnessedNotes {
    readonly notes: readonly string[];
    readonly quorum?: number | undefined;
    readonly witnesses?: readonly string[] | undefined;
}

export interface WitnessOptions {
    readonly key: string;
    readonly url: string;
}
