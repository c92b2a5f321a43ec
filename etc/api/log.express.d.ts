import type { IncomingMessage } from 'node:http';
import type { Request as Request_2 } from 'express';
import type { RequestHandler } from 'express';

function accessLog(input: ExpressAccessLogOptions): RequestHandler;
export { accessLog }
export default accessLog;

interface AccessLogOptions<Request = unknown> extends PrivacyOptions {
    readonly conflicts?: boolean;
    readonly destination?: {
        write(text: string): unknown;
    };
    readonly fields?: 'otel' | 'ecs' | 'combined';
    readonly headers?: readonly string[];
    readonly level?: Level;
    readonly query?: boolean;
    readonly skip?: (request: Request, status: number | undefined) => boolean;
    readonly span?: (request: Request) => SpanLike | undefined;
}

type AddressForm = 'full' | 'truncated' | 'hmac';

export type ExpressAccessLogOptions = AccessLogOptions<Request_2> & {
    readonly logger: Logger;
};

type Fields = Readonly<Record<string, unknown>>;

interface HmacOptions {
    readonly key: string | Uint8Array | 'ephemeral';
    readonly period?: number;
}

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

type Logger = Readonly<Record<Level, {
    (fields: object, message?: string): void;
    (message: string): void;
}>>;

export function morganTokens(morgan: TokenRegistry, options?: PrivacyOptions): void;

interface PrivacyOptions {
    readonly address?: AddressForm;
    readonly hmac?: HmacOptions;
}

export function requestSerializers(options?: SerializerOptions): {
    req(value: object): Fields;
};

export type SerializerOptions = Pick<AccessLogOptions, 'address' | 'hmac' | 'query' | 'headers'>;

interface SpanLike {
    setAttribute(name: string, value: string | number): unknown;
}

export interface TokenRegistry {
    token(name: string, value: (request: IncomingMessage) => string | undefined): unknown;
}
