import { Address } from '@truehop/ip';
import type { ClientIdentity } from '@truehop/identity';
import type { FastifyInstance } from 'fastify';
import type { FastifyReply } from 'fastify';
import type { FastifyRequest } from 'fastify';
import type { HookHandlerDoneFunction } from 'fastify';
import { Problem } from '@truehop/identity/adapter';
import type { ProblemMembers } from '@truehop/identity/adapter';
import type { RegisterOptions } from 'fastify';

class Allowlist<Request = unknown> {
    constructor(options: AllowlistOptions<Request>);
    add(side: Side, entry: string | Address, input?: {
        readonly ttl?: number;
        readonly note?: string;
    }): boolean;
    check(identity: ClientIdentity, request: Request, raw: object): Decision;
    decide(identity: ClientIdentity): Decision;
    readonly name: string;
    readonly refusal: Problem;
    remove(side: Side, entry: string | Address): boolean;
    replace(lists: {
        readonly allow?: ListInput;
        readonly deny?: ListInput;
    }): Promise<void>;
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
    readonly allow?: ListInput;
    readonly body?: ProblemMembers | string;
    readonly deny?: ListInput;
    readonly maxRuntimeEntries?: number;
    readonly mode?: 'enforce' | 'report';
    readonly name?: string;
    readonly onRefused?: (decision: Decision, request: Request) => void;
    readonly status?: number;
}

export type AllowlistPluginOptions = (AllowlistOptions<FastifyRequest> | {
    readonly list: Allowlist<FastifyRequest>;
} | NamedAllowlists) & RegisterOptions;

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

type Hook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;

type ListInput = LiveSource | readonly (string | LiveSource)[];

interface LiveSource {
    has(address: Address): boolean;
    match?(address: Address): {
        readonly entry: string;
    } | undefined;
    readonly name: string;
    status?(): {
        readonly size: number;
    };
}

export interface NamedAllowlists {
    readonly default?: string;
    readonly lists: Readonly<Record<string, AllowlistInput>>;
}

type Side = 'allow' | 'deny';

interface TemporaryEntry {
    readonly entry: string;
    readonly expires: number | undefined;
    readonly note: string | undefined;
}
