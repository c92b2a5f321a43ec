import { Address } from '@truehop/ip';
import type { ClientIdentity } from '@truehop/identity';
import { IdentifiableRequest } from '@truehop/identity/adapter';
import { Metrics } from '@truehop/ip/internal';
import { TruehopError } from '@truehop/ip';

export type Act =
    {
    readonly do: 'take';
}
| {
    readonly do: 'peek';
}
| {
    readonly do: 'charge';
}
| {
    readonly do: 'refund';
    readonly since: number;
}
| {
    readonly do: 'reset';
}
| {
    readonly do: 'ban';
    readonly length: number;
};

type AlgorithmName = (typeof ALGORITHMS)[number];

const ALGORITHMS: readonly ['sliding-window', 'token-bucket', 'fixed-window'];

export interface Answer {
    readonly at: number;
    readonly banned: readonly number[];
    readonly counts: readonly (Count | undefined)[];
    readonly done: boolean;
}

interface Answer_2 {
    readonly body: unknown;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly status?: number | undefined;
    readonly type?: string | undefined;
}

interface Ban {
    readonly after?: number | undefined;
    readonly backOff?: number | undefined;
    readonly for: number;
    readonly longest?: number | undefined;
}

export interface BanMessage {
    readonly identity: ClientIdentity;
    readonly isNetwork: boolean;
    readonly key: string;
    readonly limit: string;
    readonly seconds: number;
    readonly shadow: boolean;
}

interface BanRule {
    readonly after: number;
    readonly backOff: number;
    readonly length: number;
    readonly longest: number;
}

export interface Cell {
    readonly at: number;
    readonly numbers: Float64Array;
}

export interface Cells {
    find(i: number): Cell;
    forget(i: number): void;
    open(i: number): Cell;
}

export function cellSize(rule: Rule): number;

export class ClusterStore implements Store {
    ask(act: Act, lines: readonly Line[]): Promise<Answer>;
    readonly kind = "cluster";
    static ofWorker(): ClusterStore;
}

export interface Count {
    readonly banned: number;
    readonly rest: number;
    readonly used: number;
    readonly wait: number;
}

type CountedBy = 'store' | 'local' | 'nobody';

export interface DecisionMessage {
    readonly decision: RateLimitDecision;
    readonly request: object;
}

export type DecisionReason =
'within-limit'
| 'not-counted'
| 'quota-exceeded'
| 'blocked'
| 'store-error';

export interface DenyList {
    add(entry: string, options: {
        readonly ttl: number;
        readonly note: string;
    }): unknown;
}

const HEADER_STYLES: readonly ['draft-11', 'draft-7', 'legacy', 'legacy-epoch'];

type HeaderStyle = (typeof HEADER_STYLES)[number];

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

export class Key {
    readonly crowd: number;
    readonly kind: 0 | 4 | 6;
    static of(identity: ClientIdentity, widths: PrefixWidths): Key;
    static ofAddress(address: Address, widths: PrefixWidths): Key;
    static ofText(text: string, crowd: number): Key;
    static ofWords(kind: number, words: readonly number[], crowd: number, text: string): Key;
    readonly text: string;
    readonly w0: number;
    readonly w1: number;
    readonly w2: number;
    readonly w3: number;
}

class KeyTable {
    constructor(rule: Rule, room: Room);
    cell(record: number): Cell;
    clear(): void;
    enter(key: Key): number;
    fits(rule: Rule): boolean;
    forget(record: number): void;
    place(key: Key, take: Take, now: number, more: number): number;
    get sharedSize(): number;
}

export interface Limit<Request> {
    readonly algorithm?: AlgorithmName | undefined;
    readonly allow?: readonly string[] | undefined;
    readonly ban?: Ban | undefined;
    readonly blockDuration?: number | undefined;
    readonly burst?: number | undefined;
    readonly charge?: ((outcome: Outcome<Request>) => number | boolean) | undefined;
    readonly concurrent?: boolean | undefined;
    readonly cost?: number | ((request: Request, identity: ClientIdentity) => number) | undefined;
    readonly ipv4Prefix?: number | undefined;
    readonly ipv6Prefix?: number | undefined;
    readonly key?: ((request: Request, identity: ClientIdentity) => string | undefined) | undefined;
    readonly limit: number | ((request: Request, identity: ClientIdentity) => number);
    readonly name?: string | undefined;
    readonly shadow?: boolean | 'headers' | undefined;
    readonly skip?: ((request: Request, identity: ClientIdentity) => boolean) | undefined;
    readonly slowDown?: SlowDown | undefined;
    readonly standalone?: boolean | undefined;
    readonly wider?: readonly WiderLimit[] | undefined;
    readonly window: number | ((request: Request, identity: ClientIdentity) => number);
}

export interface LimiterOptions<Request> {
    readonly answer?: ((decision: RateLimitDecision, request: Request) => Answer_2) | undefined;
    readonly deadline?: number | undefined;
    readonly denyList?: DenyList | undefined;
    readonly headers?: HeaderStyle | false | readonly HeaderStyle[] | undefined;
    readonly maxKeys?: number | undefined;
    readonly onBan?: ((ban: BanMessage) => void) | undefined;
    readonly onRefused?: ((decision: RateLimitDecision, request: Request) => void) | undefined;
    readonly onStoreError?: 'allow' | 'deny' | 'local' | undefined;
    readonly onStoreState?: ((state: StoreState) => void) | undefined;
    readonly store?: 'memory' | 'cluster' | RedisClient | Store | undefined;
}

export interface Line extends Take {
    readonly home?: Key | undefined;
    readonly key: Key;
}

export class MemoryStore implements Store {
    constructor(maxKeys: number);
    ask(act: Act, lines: readonly Line[]): Answer;
    readonly kind = "memory";
    readonly metrics: Metrics;
    get size(): number;
    table(rule: Rule): KeyTable;
}

interface NodeRedisLike {
    eval(script: string, options?: ScriptArguments): Promise<unknown>;
    evalSha(sha: string, options?: ScriptArguments): Promise<unknown>;
    readonly isOpen: boolean;
    on(event: 'error', listener: (error: Error) => void): unknown;
}

interface Outcome<Request> {
    readonly identity: ClientIdentity;
    readonly request: Request;
    readonly statusCode: number | undefined;
}

export function perform(act: Act, lines: readonly Line[], cells: Cells, now: number): Answer;

export interface Place {
    readonly group: string;
    readonly node: string;
}

export interface PrefixWidths {
    readonly ipv4Prefix: number;
    readonly ipv6Prefix: number;
}

export class Quota {
    constructor(terms: QuotaTerms, wide: boolean, variable?: boolean);
    readonly capacity: number;
    readonly item: string;
    readonly limit: number;
    readonly name: string;
    readonly policyItem: string;
    readonly rule: Rule;
    readonly shadow: boolean;
    readonly wide: boolean;
    readonly window: number;
}

interface QuotaTerms {
    readonly algorithm: AlgorithmName;
    readonly ban: BanRule | undefined;
    readonly burst: number | undefined;
    readonly limit: number;
    readonly name: string;
    readonly refunds: boolean;
    readonly shadow: boolean;
    readonly window: number;
}

const RATE_LIMIT_ERROR_CODES: readonly ['bad-limit', 'bad-window', 'bad-limit-prefix', 'bad-limit-name', 'bad-option', 'unknown-option', 'bad-store', 'name-in-use'];

export interface RateLimitDecision {
    readonly allowed: boolean;
    readonly by: CountedBy;
    readonly client: string;
    readonly delay: number;
    readonly identity: ClientIdentity;
    readonly quotas: readonly Quota[];
    readonly reason: DecisionReason;
    readonly retryAfter: number;
    readonly shadows: readonly Standing[];
    readonly standings: readonly Standing[];
}

export class RateLimiter<Request = unknown> {
    constructor(options: RateLimitOptions<Request>);
    readonly answer: ((decision: RateLimitDecision, request: Request) => Answer_2) | undefined;
    block(subject: Subject<Request>, seconds: number): Promise<void>;
    decide(identity: ClientIdentity, request: Request): RateLimitDecision | Promise<RateLimitDecision>;
    readonly headers: readonly HeaderStyle[];
    readonly metrics: readonly Metrics[];
    peek(subject: Subject<Request>): Promise<Standing[]>;
    get quotas(): readonly Quota[];
    reset(subject: Subject<Request>): Promise<void>;
    reward(subject: Subject<Request>, units: number): Promise<void>;
    settle(decision: RateLimitDecision, outcome: Outcome<Request>): void;
    get settles(): boolean;
}

export class RateLimitError extends TruehopError {
    constructor(code: RateLimitErrorCode, path: string, message: string);
    readonly code: RateLimitErrorCode;
    readonly name = "RateLimitError";
}

export type RateLimitErrorCode = (typeof RATE_LIMIT_ERROR_CODES)[number];

export function rateLimitKey(request: IdentifiableRequest): string;

export type RateLimitOptions<Request> = LimiterOptions<Request> & (Limit<Request> | {
    readonly limits: readonly Limit<Request>[];
});

export type RedisClient = IoredisLike | NodeRedisLike;

export class RedisStore implements Store {
    constructor(client: RedisClient);
    ask(act: Act, lines: readonly Line[], place: Place): Promise<Answer>;
    readonly kind = "redis";
    place(line: Line): Place;
}

export function restOf(take: Take, input: Cell, now: number): number;

class Room {
    constructor(most: number);
    get held(): number;
    isFull(more: number): boolean;
    get isHalfFull(): boolean;
    isOpenTo(crowd: number, more: number): boolean;
    leave(crowd: number): void;
    take(crowd: number): void;
}

export interface Rule {
    readonly algorithm: AlgorithmName;
    readonly ban: BanRule | undefined;
    readonly name: string;
    readonly refunds: boolean;
    readonly window: number;
    readonly windowOf?: string | undefined;
}

interface ScriptArguments {
    arguments?: string[];
    keys?: string[];
}

interface SlowDown {
    readonly after: number;
    readonly delay: number;
    readonly longest?: number | undefined;
}

export interface Standing {
    readonly exceeded: boolean;
    readonly msLeft: number;
    readonly quota: Quota;
    readonly remaining: number;
    readonly shadow: boolean;
}

export function startClusterStore(input?: {
    readonly maxKeys?: number | undefined;
}): void;

export interface Store {
    ask(act: Act, lines: readonly Line[], place: Place): Answer | Promise<Answer>;
    readonly kind: string;
    place?(line: Line): Place;
}

export interface StoreState {
    readonly error: unknown;
    readonly node: string;
    readonly state: 'unavailable' | 'available';
}

interface Subject<Request> {
    readonly client?: string | ClientIdentity | undefined;
    readonly key?: string | undefined;
    readonly limit?: string | undefined;
    readonly request?: Request | undefined;
}

interface Take {
    readonly capacity: number;
    readonly cost: number;
    readonly limit: number;
    readonly rule: Rule;
    readonly shadow: boolean;
}

interface WiderLimit {
    readonly ipv4Prefix?: number | undefined;
    readonly ipv6Prefix?: number | undefined;
    readonly limit: number;
    readonly name?: string | undefined;
    readonly window?: number | undefined;
}
