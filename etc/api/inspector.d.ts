import type { ClientIdentity } from '@truehop/identity';
import type { Metered } from '@truehop/ip/internal';
import { TruehopError } from '@truehop/ip';

export const ACTION_CHANNEL = "truehop.inspector.action";

export interface ActionMessage {
    readonly action: string;
    readonly identity: ClientIdentity;
    readonly late: boolean;
    readonly outcome: 'done' | 'refused' | 'failed' | 'overdue';
    readonly request: object;
    readonly subject: string;
    readonly target: string;
}

export interface ActionTargets {
    readonly limits?: Readonly<Record<string, OperableLimit | (() => OperableLimit | undefined)>> | undefined;
    readonly lists?: Readonly<Record<string, OperableList | (() => OperableList | undefined)>> | undefined;
}

interface AddressPrivacy {
    readonly form: string;
    redact(text: string): string;
}

type AddressSetting = 'full' | 'truncated' | AddressPrivacy;

const INSPECTOR_ERROR_CODES: readonly ['missing-allow', 'bad-allow', 'bad-hosts', 'bad-actions', 'bad-option', 'unknown-option', 'identity-missing'];

export class InspectorError extends TruehopError {
    constructor(code: InspectorErrorCode, path: string, message: string);
    readonly code: InspectorErrorCode;
    readonly name = "InspectorError";
}

export type InspectorErrorCode = (typeof INSPECTOR_ERROR_CODES)[number];

export interface InspectorOptions {
    readonly actions?: ActionTargets | undefined;
    readonly address?: AddressSetting | undefined;
    readonly allow: readonly string[];
    readonly hosts?: readonly string[] | undefined;
    readonly keep?: number | undefined;
    readonly maxViewers?: number | undefined;
}

export const openInspectors: Iterable<Metered>;

export interface OperableLimit {
    block(subject: {
        readonly client: string;
    }, seconds: number): Promise<void>;
    peek(subject: {
        readonly client: string;
    }): Promise<readonly {
        readonly quota: {
            readonly name: string;
            readonly limit: number;
        };
        readonly remaining: number;
        readonly msLeft: number;
        readonly exceeded: boolean;
    }[]>;
    reset(subject: {
        readonly client: string;
    }): Promise<void>;
    reward(subject: {
        readonly client: string;
    }, units: number): Promise<void>;
}

export interface OperableList {
    add(entry: string, options: {
        readonly ttl?: number | undefined;
        readonly note?: string | undefined;
        readonly by: string;
    }): Promise<unknown>;
    details(): Iterable<{
        readonly entry: string;
        readonly by: string;
        readonly note: string | undefined;
        readonly added: number;
        readonly expires: number | undefined;
    }>;
    remove(entry: string, options: {
        readonly by: string;
    }): Promise<unknown>;
    status(): {
        readonly size: number;
        readonly stale: boolean;
    };
}
