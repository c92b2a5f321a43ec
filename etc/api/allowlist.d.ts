import { Address } from '@truehop/ip';
import type { ClientIdentity } from '@truehop/identity';
import { Metrics } from '@truehop/ip/internal';
import { Problem } from '@truehop/identity/adapter';
import type { ProblemMembers } from '@truehop/identity/adapter';
import { TruehopError } from '@truehop/ip';

export class Allowlist<Request = unknown> {
    constructor(options: AllowlistOptions<Request>);
    add(side: Side, entry: string | Address, options?: EntryOptions): boolean;
    check(identity: ClientIdentity, request: Request, raw: object): Decision;
    decide(identity: ClientIdentity): Decision;
    readonly metrics: readonly Metrics[];
    readonly name: string;
    readonly refusal: Problem;
    remove(side: Side, entry: string | Address): boolean;
    replace(lists: Replacement): Promise<void>;
    runtimeEntries(side: Side): readonly TemporaryEntry[];
    size(side: Side): number;
    get warnings(): readonly string[];
}

const ALLOWLIST_ERROR_CODES: readonly ['missing-lists', 'bad-list', 'bad-entry', 'bad-source', 'bad-option', 'unknown-option', 'unknown-list'];

export class AllowlistError extends TruehopError {
    constructor(code: AllowlistErrorCode, path: string, message: string);
    readonly code: AllowlistErrorCode;
    readonly name = "AllowlistError";
}

export type AllowlistErrorCode = (typeof ALLOWLIST_ERROR_CODES)[number];

export interface AllowlistOptions<Request = unknown> {
    readonly allow?: ListInput | undefined;
    readonly body?: ProblemMembers | string | undefined;
    readonly deny?: ListInput | undefined;
    readonly geo?: Geo | undefined;
    readonly maxRuntimeEntries?: number | undefined;
    readonly mode?: 'enforce' | 'report' | undefined;
    readonly name?: string | undefined;
    readonly onRefused?: ((decision: Decision, request: Request) => void) | undefined;
    readonly status?: number | undefined;
}

export interface Crawler {
    readonly hosts: readonly string[];
    readonly name: string;
    readonly ranges?: {
        has(address: Address): boolean;
    } | undefined;
    readonly userAgent?: string | undefined;
}

interface CrawlerFacts {
    readonly crawler?: string | undefined;
    readonly synthetic?: 'bot' | undefined;
}

export interface CrawlersOptions {
    readonly crawlers: readonly (string | Crawler)[];
    readonly maxEntries?: number | undefined;
    readonly name?: string | undefined;
    readonly servers?: readonly string[] | undefined;
    readonly ttl?: number | undefined;
}

export interface CrowdSecDecision {
    readonly entry: string;
    readonly expires: number;
    readonly origin: string;
    readonly scenario: string;
    readonly type: string;
}

export class CrowdSecDecisions {
    constructor(options: CrowdSecOptions);
    close(): void;
    details(): Generator<CrowdSecDecision>;
    entries(): Generator<string>;
    has(address: Address): boolean;
    match(address: Address): CrowdSecDecision | undefined;
    readonly name: string;
    readonly ready: Promise<void>;
    refresh(): Promise<void>;
    status(): CrowdSecStatus;
}

export function crowdsecDecisions(options: CrowdSecOptions): CrowdSecDecisions;

export interface CrowdSecOptions {
    readonly apiKey: string;
    readonly interval?: number | undefined;
    readonly maxEntries?: number | undefined;
    readonly metricsInterval?: number | undefined;
    readonly name?: string | undefined;
    readonly origins?: readonly string[] | undefined;
    readonly types?: readonly string[] | undefined;
    readonly url: string;
    readonly usageMetrics?: boolean | undefined;
}

export interface CrowdSecStatus {
    readonly lastError: string | undefined;
    readonly name: string;
    readonly size: number;
    readonly stale: boolean;
    readonly updatedAt: number;
    readonly version: undefined;
}

export interface Decision {
    readonly allowed: boolean;
    readonly client: string;
    readonly enforced: boolean;
    readonly entry: string | undefined;
    readonly identity: ClientIdentity;
    readonly list: 'allow' | 'deny' | 'none';
    readonly name: string;
    readonly reason: DecisionReason;
    readonly source: string | undefined;
}

export interface DecisionMessage {
    readonly decision: Decision;
    readonly request: object;
}

export type DecisionReason =
'allow-entry'
| 'deny-entry'
| 'not-in-allow'
| 'not-in-deny'
| 'undetermined';

export function defineAllowlist<Request = unknown>(options: AllowlistOptions<Request>): Allowlist<Request>;

export interface EntriesLoadedMessage {
    readonly name: string;
    readonly size: number;
    readonly version: number;
}

export interface EntryChangedMessage {
    readonly by: string;
    readonly change: 'add' | 'remove';
    readonly entry: string;
    readonly expires: string | undefined;
    readonly name: string;
    readonly note: string | undefined;
}

interface EntryOptions {
    readonly note?: string | undefined;
    readonly ttl?: number | undefined;
}

export interface Escalation {
    readonly entries: number;
    readonly ipv4Prefix?: number | undefined;
    readonly ipv6Prefix?: number | undefined;
}

export class Geo {
    asn(number: unknown, path?: string): LiveSource;
    close(): void;
    country(code: unknown, path?: string): LiveSource;
    facts(address: Address): GeoFacts;
    readonly name: string;
    static open(options: GeoOptions): Promise<Geo>;
    refresh(): Promise<void>;
    status(): GeoStatus;
}

type GeoEntry = {
    readonly country: string;
    readonly asn?: undefined;
} | {
    readonly asn: number;
    readonly country?: undefined;
};

export interface GeoFacts {
    readonly asn?: number | undefined;
    readonly country?: string | undefined;
    readonly organization?: string | undefined;
}

export interface GeoOptions {
    readonly files: readonly string[];
    readonly name?: string | undefined;
    readonly refresh?: number | undefined;
}

export interface GeoStatus {
    readonly files: readonly {
        readonly path: string;
        readonly builtAt: number;
    }[];
    readonly lastError: string | undefined;
    readonly name: string;
}

interface IoredisLike {
    eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
    evalsha(sha: string, keys: number, ...args: string[]): Promise<unknown>;
    on(event: 'error', listener: (error: Error) => void): unknown;
    readonly options?: {
        readonly enableAutoPipelining?: boolean | undefined;
    } | undefined;
    pipeline?(): IoredisPipeline;
    readonly status: string;
}

interface IoredisPipeline {
    eval(script: string, keys: number, ...args: string[]): IoredisPipeline;
    evalsha(sha: string, keys: number, ...args: string[]): IoredisPipeline;
    exec(): Promise<[error: Error | null, reply: unknown][] | null>;
}

type ListInput = LiveSource | readonly (string | LiveSource | GeoEntry)[];

interface LiveSource {
    has(address: Address): boolean;
    match?(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    status?(): LiveSourceStatus;
}

interface LiveSourceStatus {
    readonly pending?: number | undefined;
    readonly size: number;
    readonly stale?: boolean | undefined;
    readonly updatedAt?: number | undefined;
}

interface NodeRedisLike {
    eval(script: string, options?: ScriptArguments): Promise<unknown>;
    evalSha(sha: string, options?: ScriptArguments): Promise<unknown>;
    readonly isOpen: boolean;
    on(event: 'error', listener: (error: Error) => void): unknown;
}

export function openGeo(options: GeoOptions): Promise<Geo>;

type RedisClient = IoredisLike | NodeRedisLike;

export interface ReplacedMessage {
    readonly allow: number;
    readonly deny: number;
    readonly name: string;
}

interface Replacement {
    readonly allow?: ListInput | undefined;
    readonly deny?: ListInput | undefined;
}

interface ScriptArguments {
    arguments?: string[];
    keys?: string[];
}

export type SharedChange = 'shared' | 'local' | 'full' | 'absent';

export class SharedEntries {
    constructor(options: SharedEntriesOptions);
    add(entry: string | Address, options?: SharedEntryOptions): Promise<SharedChange>;
    close(): Promise<void>;
    details(): Generator<SharedEntry>;
    entries(): Generator<string>;
    has(address: Address): boolean;
    match(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    readonly ready: Promise<void>;
    refresh(): Promise<void>;
    remove(entry: string | Address, options?: Omit<SharedEntryOptions, 'ttl'>): Promise<SharedChange>;
    status(): SharedEntriesStatus;
}

export function sharedEntries(options: SharedEntriesOptions): SharedEntries;

export interface SharedEntriesOptions {
    readonly by?: string | undefined;
    readonly client: RedisClient;
    readonly deadline?: number | undefined;
    readonly escalate?: readonly Escalation[] | undefined;
    readonly interval?: number | undefined;
    readonly keep?: string | undefined;
    readonly maxEntries?: number | undefined;
    readonly name: string;
}

export interface SharedEntriesStatus {
    readonly copyError: string | undefined;
    readonly lastError: string | undefined;
    readonly leftOut: number;
    readonly name: string;
    readonly pending: number;
    readonly size: number;
    readonly stale: boolean;
    readonly updatedAt: number;
    readonly version: string | undefined;
}

export interface SharedEntry {
    readonly added: number;
    readonly by: string;
    readonly entry: string;
    readonly expires: number | undefined;
    readonly note: string | undefined;
}

export interface SharedEntryOptions {
    readonly by?: string | undefined;
    readonly note?: string | undefined;
    readonly ttl?: number | undefined;
}

type Side = 'allow' | 'deny';

interface TemporaryEntry {
    readonly entry: string;
    readonly expires: number | undefined;
    readonly note: string | undefined;
}

export class VerifiedCrawlers {
    constructor(options: CrawlersOptions);
    close(): void;
    facts(address: Address): CrawlerFacts;
    has(address: Address): boolean;
    isVerified(identity: ClientIdentity, userAgent: string | undefined): boolean;
    match(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    settled(): Promise<void>;
    status(): {
        readonly name: string;
        readonly size: number;
    };
}

export function verifiedCrawlers(options: CrawlersOptions): VerifiedCrawlers;
