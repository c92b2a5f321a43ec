import { Address } from '@truehop/ip';
import type { ClientIdentity } from '@truehop/identity';
import type { FastifyInstance } from 'fastify';
import type { FastifyReply } from 'fastify';
import type { FastifyRequest } from 'fastify';
import type { HookHandlerDoneFunction } from 'fastify';
import { Metrics } from '@truehop/ip/internal';
import { Problem } from '@truehop/identity/adapter';
import type { ProblemMembers } from '@truehop/identity/adapter';
import type { RegisterOptions } from 'fastify';

class Allowlist<Request = unknown> {
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

const allowlist: (fastify: FastifyInstance, options: AllowlistPluginOptions) => Promise<void>;
export { allowlist }
export default allowlist;

export function allowlistHook(lists: AllowlistInput): Hook;

export type AllowlistInput = AllowlistOptions<FastifyRequest> | Allowlist<FastifyRequest>;

interface AllowlistOptions<Request = unknown> {
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

export type AllowlistPluginOptions = (AllowlistOptions<FastifyRequest> | {
    readonly list: Allowlist<FastifyRequest>;
} | NamedAllowlists) & RegisterOptions;

interface Correction {
    readonly instead: string;
    readonly written: string;
}

interface Decision {
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

type DecisionReason =
'allow-entry'
| 'deny-entry'
| 'not-in-allow'
| 'not-in-deny'
| 'undetermined';

interface EntryOptions {
    readonly note?: string | undefined;
    readonly ttl?: number | undefined;
}

class Geo {
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

interface GeoFacts {
    readonly asn?: number | undefined;
    readonly country?: string | undefined;
    readonly organization?: string | undefined;
}

interface GeoOptions {
    readonly files: readonly string[];
    readonly name?: string | undefined;
    readonly refresh?: number | undefined;
}

interface GeoStatus {
    readonly files: readonly {
        readonly path: string;
        readonly builtAt: number;
    }[];
    readonly lastError: string | undefined;
    readonly name: string;
}

type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;

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

export const NAMED_ALLOWLISTS: {
    lists: {
        readonly says: "Allowlists by name; a route picks one with `config: { allowlist: 'admin' }`.";
        readonly required: true;
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read: (value: unknown, path: string, report: Report) => Readonly<Record<string, unknown>>;
    };
    default: {
        readonly says: "The allowlist for routes that name none; without it such routes are open.";
    } & {
        type: string;
        schema: {
            description: string;
        } | undefined;
        read(value: unknown, path: string, report: Report): string;
    };
};

export interface NamedAllowlists {
    readonly default?: string | undefined;
    readonly lists: Readonly<Record<string, AllowlistInput>>;
}

interface Problem_2 {
    readonly code: string;
    readonly correction?: Correction | undefined;
    readonly message: string;
    readonly path: string;
}

interface Replacement {
    readonly allow?: ListInput | undefined;
    readonly deny?: ListInput | undefined;
}

type Report = (problem: Problem_2) => void;

type Side = 'allow' | 'deny';

interface TemporaryEntry {
    readonly entry: string;
    readonly expires: number | undefined;
    readonly note: string | undefined;
}
