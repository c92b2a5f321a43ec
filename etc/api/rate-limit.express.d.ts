import { Address } from '@truehop/ip';
import type { ClientIdentity } from '@truehop/identity';
import type { Metered } from '@truehop/ip/internal';
import { Metrics } from '@truehop/ip/internal';
import type { Request as Request_2 } from 'express';
import type { ServerResponse } from 'node:http';

type Act =
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

interface Answer {
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

interface BanMessage {
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

interface Count {
    readonly banned: number;
    readonly rest: number;
    readonly used: number;
    readonly wait: number;
}

type CountedBy = 'store' | 'local' | 'nobody';

type DecisionReason =
'within-limit'
| 'not-counted'
| 'quota-exceeded'
| 'blocked'
| 'store-error';

interface DenyList {
    add(entry: string, options: {
        readonly ttl: number;
        readonly note: string;
    }): unknown;
}

export type ExpressRateLimitOptions = RateLimitOptions<Request_2>;

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

class Key {
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

interface Limit<Request> {
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

interface LimiterOptions<Request> {
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

interface Line extends Take {
    readonly home?: Key | undefined;
    readonly key: Key;
}

type NextFunction = (error?: unknown) => void;

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

interface Place {
    readonly group: string;
    readonly node: string;
}

interface PrefixWidths {
    readonly ipv4Prefix: number;
    readonly ipv6Prefix: number;
}

class Quota {
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

function rateLimit(options: ExpressRateLimitOptions | RateLimiter<Request_2>): RateLimitMiddleware;
export default rateLimit;
export { rateLimit }

interface RateLimitDecision {
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

class RateLimiter<Request = unknown> {
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

export interface RateLimitMiddleware extends Metered {
    (request: Request_2, response: ServerResponse, next: NextFunction): void;
}

type RateLimitOptions<Request> = LimiterOptions<Request> & (Limit<Request> | {
    readonly limits: readonly Limit<Request>[];
});

type RedisClient = IoredisLike | NodeRedisLike;

interface Rule {
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

interface Standing {
    readonly exceeded: boolean;
    readonly msLeft: number;
    readonly quota: Quota;
    readonly remaining: number;
    readonly shadow: boolean;
}

interface Store {
    ask(act: Act, lines: readonly Line[], place: Place): Answer | Promise<Answer>;
    readonly kind: string;
    place?(line: Line): Place;
}

interface StoreState {
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
