import type { Agent } from 'node:http';
import { ClientIdentity } from '@truehop/identity/adapter';
import type { Duplex } from 'node:stream';
import { IdentifiableRequest } from '@truehop/identity/adapter';
import { Policy } from '@truehop/identity/portable';
import { PolicyOptions } from '@truehop/identity/portable';
import type { Server } from 'node:net';
import { TruehopError } from '@truehop/identity/adapter';

export function asClient(address: string, options?: ClientOptions): TestClient;

export interface ClientOptions {
    readonly policy?: Policy | PolicyOptions | undefined;
    readonly port?: number | undefined;
}

export type ExpectedIdentity = {
    readonly [Key in keyof ClientIdentity]?: ClientIdentity[Key] | undefined;
} & {
    readonly ip?: string | undefined;
    readonly reason?: string | undefined;
};

export function expectIdentity(of: IdentifiableRequest | ClientIdentity, expected: string | ExpectedIdentity): void;

export interface InjectedOptions {
    headers: Record<string, string>;
    remoteAddress?: string;
    Request: object;
}

interface PluggableRequest {
    agent(agent: Agent): unknown;
    readonly app?: unknown;
    set(headers: Record<string, string>): unknown;
}

export interface TestClient {
    (request: PluggableRequest): void;
    readonly address: string;
    agent(server: Server): Agent;
    connect(server: Server): Duplex;
    readonly headers: Readonly<Record<string, string>>;
    inject(url: string): {
        url: string;
    } & InjectedOptions;
    inject<T extends object>(options: T): T & InjectedOptions;
}

const TESTING_ERROR_CODES: readonly ['bad-address', 'bad-option', 'unknown-option', 'no-way', 'bad-server'];

export class TestingError extends TruehopError {
    constructor(code: TestingErrorCode, message: string, path?: string);
    readonly code: TestingErrorCode;
    readonly name = "TestingError";
}

export type TestingErrorCode = (typeof TESTING_ERROR_CODES)[number];
