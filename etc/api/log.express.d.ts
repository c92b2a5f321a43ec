import type { Address } from '@truehop/ip';
import type { IncomingMessage } from 'node:http';
import type { Request as Request_2 } from 'express';
import type { RequestHandler } from 'express';

interface AboutClient {
    readonly asn?: number | undefined;
    readonly country?: string | undefined;
    readonly crawler?: string | undefined;
    readonly organization?: string | undefined;
    readonly synthetic?: 'bot' | 'test' | undefined;
}

function accessLog(given: ExpressAccessLogOptions): RequestHandler;
export { accessLog }
export default accessLog;

interface AccessLogOptions<Request = unknown> extends PrivacyOptions {
    readonly about?: readonly ClientKnowledge[] | undefined;
    readonly conflicts?: boolean | undefined;
    readonly decisions?: 'refused' | 'all' | undefined;
    readonly destination?: {
        write(text: string): unknown;
    } | undefined;
    readonly fields?: 'otel' | 'ecs' | 'combined' | undefined;
    readonly headers?: readonly string[] | undefined;
    readonly level?: Level | undefined;
    readonly query?: boolean | undefined;
    readonly skip?: ((request: Request, status: number | undefined) => boolean) | undefined;
    readonly span?: ((request: Request) => SpanLike | undefined) | undefined;
}

type AddressForm = 'full' | 'truncated' | 'hmac' | 'none';

interface ClientKnowledge {
    facts(address: Address): AboutClient;
}

export interface ExpressAccessLogOptions extends AccessLogOptions<Request_2> {
    readonly logger: Logger;
    readonly mountPaths?: readonly string[] | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

interface HmacOptions {
    readonly key: string | Uint8Array | 'ephemeral';
    readonly period?: number | undefined;
}

interface KeptBits {
    readonly ipv4?: number | undefined;
    readonly ipv6?: number | undefined;
}

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

type Logger = Readonly<Record<Level, {
    (fields: object, message?: string): void;
    (message: string): void;
}>>;

export function morganTokens(morgan: TokenRegistry, options?: PrivacyOptions): void;

interface PrivacyOptions {
    readonly address?: AddressForm | undefined;
    readonly hmac?: HmacOptions | undefined;
    readonly keep?: KeptBits | undefined;
}

export function requestSerializers(options?: SerializerOptions): {
    req(value: object): Fields;
};

export type SerializerOptions = Pick<AccessLogOptions, 'address' | 'keep' | 'hmac' | 'query' | 'headers'>;

interface SpanLike {
    setAttribute(name: string, value: string | number): unknown;
}

export interface TokenRegistry {
    token(name: string, value: (request: IncomingMessage) => string | undefined): unknown;
}
