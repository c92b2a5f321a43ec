import { Address } from '@truehop/ip';
import type { Http2ServerRequest } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import type { NodeFault } from '@truehop/forwarded';
import type { PeerWithoutAddress } from '@truehop/ip/internal';
import type { Server } from 'node:net';
import type { SingleAddressForm } from '@truehop/forwarded';
import type { Slices } from '@truehop/ip/internal';
import { TruehopError } from '@truehop/ip';

type AssertionKind = 'proxy-protocol' | 'x-forwarded-for' | 'forwarded' | 'single' | 'nothing';

export function bindRequest(request: IdentifiableRequest, policy: Policy): void;

export function bindServer(server: Server, policy: Policy): () => void;

export const CLAIM_HEADERS: readonly ['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-client-ip', 'cf-connecting-ip', 'cf-connecting-ipv6', 'true-client-ip', 'fastly-client-ip', 'fly-client-ip', 'x-appengine-user-ip', 'x-azure-clientip', 'x-azure-socketip', 'x-cluster-client-ip', 'x-envoy-external-address', 'x-original-forwarded-for'];

export type ClientIdentity = ResolvedIdentity | UndeterminedIdentity;

type CollapseKind = 'one-for-many' | 'infrastructure' | 'header-stopped';

interface CommonOptions {
    readonly maxHops?: number | undefined;
    readonly onConflict?: 'ignore' | 'reject' | undefined;
    readonly proxyProtocol?: ProxyProtocolSettings | undefined;
    readonly unmap?: readonly string[] | undefined;
}

interface CommonRangesOptions {
    readonly format: RangesFormat;
    readonly initial?: InitialRanges | undefined;
    readonly keep?: string | undefined;
    readonly maximumShrink?: number | undefined;
    readonly minimum?: number | undefined;
    readonly name?: string | undefined;
    readonly refresh?: number | undefined;
    readonly select?: RangesSelect | undefined;
    readonly staleAfter?: number | undefined;
    readonly widest?: {
        readonly ipv4?: number | undefined;
        readonly ipv6?: number | undefined;
    } | undefined;
}

export function compareAnswers(request: IdentifiableRequest, framework: FrameworkAnswer, onDifference: ((difference: Difference) => void) | undefined): void;

interface ConnectionTlvs {
    readonly alpn?: string | undefined;
    readonly authority?: string | undefined;
    readonly awsVpcEndpointId?: string | undefined;
    readonly azureLinkId?: number | undefined;
    readonly googlePscConnectionId?: string | undefined;
    readonly uniqueId?: string | undefined;
}

export interface CopyToKeep extends Omit<KeptCopy, 'bytes'> {
    readonly bytes: Iterable<Uint8Array>;
}

interface Correction {
    readonly instead: string;
    readonly written: string;
}

export function definePolicy(options: PolicyOptions): Policy;

interface Difference {
    readonly differs: readonly ('ip' | 'protocol' | 'host')[];
    readonly host: string | undefined;
    readonly identity: ClientIdentity;
    readonly protocol: string;
    readonly request: IdentifiableRequest;
    readonly trustProxy: string | undefined;
}

interface EdgeOnly {
    readonly compareWith?: 'trust proxy' | undefined;
    readonly onDifference?: ((difference: Difference) => void) | undefined;
    readonly onUndetermined?: OnUndetermined | undefined;
    readonly policy?: Policy | undefined;
}

export type EdgeOptions = (PolicyOptions | {
    readonly policy: Policy;
}) & Omit<EdgeOnly, 'policy'>;

interface EdgeSettings {
    readonly compares: boolean;
    readonly onDifference: ((difference: Difference) => void) | undefined;
    readonly onUndetermined: OnUndetermined;
    readonly policy: Policy;
}

export function edgeSettings(options: unknown, ownKeys?: readonly string[]): EdgeSettings;

interface FastifyResponse {
    code(status: number): unknown;
    header(name: string, value: string): unknown;
    send(body: Buffer): unknown;
    readonly sent: boolean;
}

interface FetchedList {
    readonly bytes: ListBytes;
    readonly etag: string | undefined;
}

export function fetchList(url: URL, etag: string | undefined, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<FetchedList | undefined>;

interface FileList {
    readonly appearance: string;
    readonly bytes: ListBytes;
    readonly changedAt: number;
}

interface FileRangesOptions extends CommonRangesOptions {
    readonly file: string;
}

export class FileTurn {
    constructor(deadline?: number);
    take<T>(work: () => Promise<T>): Promise<T>;
}

interface Followed {
    close(): void;
}

export class FollowedFile {
    constructor(path: string, deadline?: number, most?: number);
    appearance(): Promise<string>;
    read(): Promise<FileList>;
}

interface FrameworkAnswer {
    readonly hostname?: string | undefined;
    readonly ip?: string | undefined;
    readonly protocol: string;
}

export function guarded<Arguments extends readonly unknown[]>(option: string, callback: ((...of: Arguments) => unknown) | undefined, thrown?: 'warn' | 'pass'): (...of: Arguments) => void;

export function headerName(name: string): string;

interface Hop {
    readonly asserts: string;
    readonly depth: number;
    readonly entries: readonly (string | LiveRanges)[];
    readonly form: SingleAddressForm;
    readonly from: NodeMatcher;
    readonly kind: AssertionKind;
    readonly name: string;
    readonly original: readonly OriginalPart[];
    readonly required: boolean;
    readonly slot: number;
    readonly unmap: Unmap | undefined;
}

export interface HopRule {
    readonly asserts: string;
    readonly custom?: boolean | undefined;
    readonly depth?: number | undefined;
    readonly form?: SingleAddressForm | undefined;
    readonly from: readonly (string | LiveRanges)[];
    readonly name?: string | undefined;
    readonly original?: readonly OriginalPart[] | undefined;
    readonly required?: boolean | undefined;
}

export interface HopsOptions extends CommonOptions {
    readonly hops: readonly (HopRule | PlatformEntry)[];
}

export type IdentifiableRequest = RawRequest | {
    readonly raw: RawRequest;
};

interface IdentityBase {
    readonly hops: number;
    readonly host: string | undefined;
    readonly nodes: readonly string[];
    readonly peer: string | undefined;
    readonly peerPort: number | undefined;
    readonly protocol: 'http' | 'https' | undefined;
    readonly rule: string | undefined;
    readonly tlvs: ConnectionTlvs | undefined;
}

export function identityOf(request: IdentifiableRequest): ClientIdentity;

export function immediate(name: string, returned: unknown, owner?: string): unknown;

interface InitialRanges {
    readonly date: string;
    readonly entries: readonly string[];
}

export function inSlices<T>(work: Slices<T>, signal?: AbortSignal): Promise<T>;

export function jsonOptionalList(absent: string, of: Shape): ListShape;

export function jsonRecord(absent: string, fields: Readonly<Record<string, Shape>>, ended?: () => void): RecordShape;

export function jsonValue(take: (value: unknown) => void): ValueShape;

export interface KeptCopy {
    readonly bytes: ListBytes;
    readonly etag: string | undefined;
    readonly updatedAt: number;
}

export function keptCopyIn(path: string, most?: number): Promise<KeptCopy | undefined>;

export type ListBytes = readonly Uint8Array[];

interface ListShape {
    readonly absent: string;
    readonly isOptional: boolean;
    readonly kind: 'list';
    readonly of: Shape;
}

interface LiveRanges {
    entries?(): Iterable<string>;
    has(address: Address): boolean;
    match?(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    readonly ready?: Promise<void> | undefined;
    readonly selectable?: readonly string[] | undefined;
    status(): RangesStatus;
}

class LiveSource implements LiveRanges {
    constructor(settings: RangesSettings, files?: 'now' | 'later');
    close(): void;
    entries(): Generator<string>;
    has(address: Address): boolean;
    match(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    readonly ready: Promise<void>;
    refresh(): Promise<void>;
    readonly selectable: readonly string[];
    status(): RangesStatus;
}

export function logPolicy(policy: Policy, warn: (message: string) => void): void;

export function maskLines(request: RawRequest, mask: (text: string) => string): void;

interface NodeMatcher extends PeerMatcher {
    hasIpv4(word: number): boolean;
}

interface NodeResponse {
    end(body: Buffer): unknown;
    readonly headersSent: boolean;
    setHeader(name: string, value: string): unknown;
    statusCode: number;
}

export type OnUndetermined = 'reject' | 'continue';

class OpenedRanges {
    constructor(followed: readonly Followed[]);
    putInForce(): void;
    refused(): void;
}

type OriginalPart = 'proto' | 'host' | 'port';

export class Pace {
    constructor(usual: number);
    next(failures: number, look: () => void): void;
    stop(): void;
}

interface PeerMatcher {
    has(node: WalkNode): boolean;
    match(node: WalkNode): {
        readonly entry: string;
    } | undefined;
}

interface Place {
    readonly column: number;
    readonly line: number;
}

interface PlatformEntry {
    readonly from?: HopRule['from'] | undefined;
    readonly header?: string | undefined;
    readonly name?: string | undefined;
    readonly platform: string;
}

interface PlatformOptions extends CommonOptions, PlatformEntry {
}

export const POLICY: unique symbol;

export class Policy {
    constructor(snapshot: PolicySnapshot, opened?: OpenedRanges);
    readonly counters: PolicyCounters;
    get current(): PolicySnapshot;
    onReplaced(listener: (policy: Policy) => void): () => void;
    get opened(): OpenedRanges | undefined;
    readonly proxySenders: PeerMatcher;
    replace(next: PolicyOptions | Policy): void;
    status(): PolicyStatus;
    toJSON(): PolicyStatus;
}

const POLICY_ERROR_CODES: readonly ['bad-policy', 'unknown-option', 'missing-hops', 'bad-hops', 'bad-name', 'missing-from', 'bad-from', 'bad-cidr', 'bad-prefix', 'bad-asserts', 'bad-header', 'bad-form', 'bad-count', 'bad-required', 'bad-original', 'bad-max-hops', 'bad-on-conflict', 'bad-unmap', 'bad-proxy-protocol', 'bad-replacement', 'bad-file', 'repeated-name', 'bad-environment', 'no-equivalent', 'bad-ranges', 'bad-compare-with', 'bad-on-undetermined', 'bad-platform'];

class PolicyCounters {
    countCollapse(kind: CollapseKind): void;
    countConflict(source: string): void;
    countDifference(): void;
    countLength(hops: number): boolean;
    countResolved(reason: ResolvedReason): void;
    countUndetermined(reason: UndeterminedReason): void;
    countUntrustedClaim(source: string): void;
    snapshot(): PolicyCounts;
}

interface PolicyCounts {
    readonly chainLengths: readonly number[];
    readonly collapses: Readonly<Partial<Record<CollapseKind, number>>>;
    readonly conflicts: Readonly<Record<string, number>>;
    readonly differences: number;
    readonly resolved: Readonly<Partial<Record<ResolvedReason, number>>>;
    readonly undetermined: Readonly<Partial<Record<UndeterminedReason, number>>>;
    readonly untrustedClaims: Readonly<Record<string, number>>;
}

export class PolicyError extends TruehopError {
    constructor(code: PolicyErrorCode, path: string, detail: string, file?: string, problems?: readonly PolicyProblem[]);
    readonly code: PolicyErrorCode;
    readonly detail: string;
    readonly name = "PolicyError";
    readonly problems: readonly PolicyProblem[];
}

type PolicyErrorCode = (typeof POLICY_ERROR_CODES)[number];

export function policyOf(request: IdentifiableRequest): Policy | undefined;

export type PolicyOptions = HopsOptions | TrustOptions | PlatformOptions;

interface PolicyProblem {
    readonly code: PolicyErrorCode;
    readonly correction?: Correction | undefined;
    readonly detail: string;
    readonly path: string;
    readonly place?: Place | undefined;
}

interface PolicySnapshot {
    readonly asserted: readonly string[];
    readonly hasLiveRanges: boolean;
    readonly hops: readonly Hop[];
    readonly maxHops: number;
    readonly onConflict: 'ignore' | 'reject';
    readonly proxyProtocol: ProxyProtocolPolicy | undefined;
    readonly unmap: Unmap | undefined;
    readonly vouchesForEvents: boolean;
    readonly warnings: readonly string[];
}

interface PolicyStatus {
    readonly hops: readonly {
        readonly name: string;
        readonly asserts: string;
        readonly ranges: readonly RangesStatus[];
    }[];
    readonly since: number;
    readonly version: number;
}

export interface Problem {
    readonly body: string;
    readonly cacheControl: 'no-store';
    readonly contentType: string;
    readonly status: number;
}

export function problem(status: number, members?: ProblemMembers): Problem;

export interface ProblemMembers {
    readonly [extension: string]: unknown;
    readonly detail?: string | undefined;
    readonly instance?: string | undefined;
    readonly title?: string | undefined;
    readonly type?: string | undefined;
}

interface ProxyProtocolPolicy extends ProxyProtocolSettings {
    readonly from: PeerMatcher;
}

interface ProxyProtocolSettings {
    readonly crc32c?: 'verify' | 'ignore' | undefined;
    readonly direct?: 'reject' | 'accept' | undefined;
    readonly healthCheckFrom?: readonly string[] | undefined;
    readonly maxHeaderBytes?: number | undefined;
    readonly maxHeaders?: number | undefined;
    readonly maxPending?: number | undefined;
    readonly maxPendingPerPeer?: number | undefined;
    readonly mixedFamilies?: 'reject' | 'accept' | undefined;
    readonly name?: string | undefined;
    readonly optional?: boolean | undefined;
    readonly timeout?: number | undefined;
    readonly versions?: readonly (1 | 2)[] | undefined;
}

const RANGE_FORMATS: readonly ['lines', 'aws-ip-ranges', 'cloudflare', 'fastly', 'google', 'github', 'spamhaus-drop', 'azure-service-tags', 'oracle', 'bunny', 'akamai', 'json'];

type RangesFormat = (typeof RANGE_FORMATS)[number];

export function rangesFrom(options: RangesOptions): LiveSource;

type RangesOptions = FileRangesOptions | UrlRangesOptions;

type RangesSelect = Readonly<Record<string, readonly string[]>>;

interface RangesSettings {
    readonly file: string | undefined;
    readonly format: RangesFormat;
    readonly initial: InitialRanges | undefined;
    readonly keep: string | undefined;
    readonly maximumShrink: number;
    readonly minimum: number;
    readonly name: string;
    readonly refresh: number;
    readonly select: RangesSelect;
    readonly staleAfter: number;
    readonly url: URL | undefined;
    readonly widest: Widest;
}

interface RangesStatus {
    readonly lastError: string | undefined;
    readonly name: string;
    readonly size: number;
    readonly stale: boolean;
    readonly updatedAt: number;
    readonly version: string | undefined;
}

export type RawRequest = IncomingMessage | Http2ServerRequest;

interface RecordShape {
    readonly absent: string;
    readonly ended: (() => void) | undefined;
    readonly fields: Readonly<Record<string, Shape>>;
    readonly kind: 'record';
}

export interface ResolvedIdentity extends IdentityBase {
    readonly address: Address;
    readonly ip: string;
    readonly port: number | undefined;
    readonly reason: ResolvedReason;
    readonly source: string;
    readonly status: 'resolved';
}

type ResolvedReason =
'peer-untrusted'
| 'header-missing'
| 'first-untrusted'
| 'chain-exhausted'
| 'count'
| 'proxy-local'
| 'proxy-unknown'
| 'proxy-unspec';

interface Routed<Options> {
    readonly is404: boolean;
    readonly routeOptions: Options;
}

export function routeOptionsOf<Options>(request: Routed<Options>): Options;

export function scanJson(pieces: Iterable<string>, shape: Shape): Slices<undefined>;

export function sendProblem(response: NodeResponse | FastifyResponse, answer: Problem): void;

type Shape = ListShape | RecordShape | ValueShape;

export function textOf(bytes: ListBytes): Generator<string, undefined>;

export { TruehopError }

export interface TrustOptions extends CommonOptions {
    readonly custom?: boolean | undefined;
    readonly depth?: number | undefined;
    readonly form?: SingleAddressForm | undefined;
    readonly header: string;
    readonly original?: readonly OriginalPart[] | undefined;
    readonly required?: boolean | undefined;
    readonly trust: readonly (string | LiveRanges)[];
}

export class UnboundRequestError extends TruehopError {
    constructor();
    readonly code = "unbound-request";
    readonly name = "UnboundRequestError";
}

export const UNDETERMINED_PROBLEM: Problem;

interface UndeterminedFields {
    readonly entry: string | undefined;
    readonly event: 'identity.undetermined';
    readonly lastTrustedHop: string | undefined;
    readonly peer: string | undefined;
    readonly reason: string;
    readonly rule: string | undefined;
    readonly source: string;
}

export function undeterminedFields(request: RawRequest, input: UndeterminedIdentity): UndeterminedFields;

export interface UndeterminedIdentity extends IdentityBase {
    readonly address?: undefined;
    readonly entry: string | undefined;
    readonly ip?: undefined;
    readonly lastTrustedHop: string | undefined;
    readonly port?: undefined;
    readonly reason: UndeterminedReason;
    readonly source: string;
    readonly status: 'undetermined';
}

type UndeterminedReason = NodeFault
| 'no-peer'
| 'not-received'
| 'untrusted-unix-peer'
| 'unix-peer-asserts-nothing'
| 'untrusted-event'
| 'event-asserts-nothing'
| 'headers-truncated'
| 'header-required'
| 'chain-too-short'
| 'chain-too-long'
| 'address-hidden'
| 'conflicting-evidence';

type Unmap = (address: Address) => Address;

interface UrlRangesOptions extends CommonRangesOptions {
    readonly url: string;
}

interface ValueShape {
    readonly kind: 'value';
    readonly take: (value: unknown) => void;
}

type WalkNode = Address | PeerWithoutAddress;

export function watchHeaderLimits(): void;

interface Widest {
    readonly 4: number;
    readonly 6: number;
}

export function withDeadline<T>(milliseconds: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;

export function within<T>(milliseconds: number, promise: Promise<T>): Promise<T>;

export function writeKept(path: string, copy: CopyToKeep): Promise<void>;
