import type { NextFunction } from 'express';
import type { Request as Request_2 } from 'express';
import type { Response as Response_2 } from 'express';

interface ActionTargets {
    readonly limits?: Readonly<Record<string, OperableLimit | (() => OperableLimit | undefined)>> | undefined;
    readonly lists?: Readonly<Record<string, OperableList | (() => OperableList | undefined)>> | undefined;
}

interface AddressPrivacy {
    readonly form: string;
    redact(text: string): string;
}

type AddressSetting = 'full' | 'truncated' | AddressPrivacy;

function inspector(options: InspectorOptions): InspectorMiddleware;
export default inspector;
export { inspector }

export interface InspectorMiddleware {
    (request: Request_2, response: Response_2, next: NextFunction): void;
    close(): void;
}

interface InspectorOptions {
    readonly actions?: ActionTargets | undefined;
    readonly address?: AddressSetting | undefined;
    readonly allow: readonly string[];
    readonly hosts?: readonly string[] | undefined;
    readonly keep?: number | undefined;
    readonly maxViewers?: number | undefined;
}

interface OperableLimit {
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

interface OperableList {
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
