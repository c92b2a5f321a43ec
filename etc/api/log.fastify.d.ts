import type { Address } from '@truehop/ip';
import type { FastifyInstance } from 'fastify';
import type { FastifyRequest } from 'fastify';
import { LogController } from 'fastify';
import type { RegisterOptions } from 'fastify';

interface AboutClient {
    readonly asn?: number | undefined;
    readonly country?: string | undefined;
    readonly crawler?: string | undefined;
    readonly organization?: string | undefined;
    readonly synthetic?: 'bot' | 'test' | undefined;
}

const accessLog: (fastify: FastifyInstance, options: FastifyAccessLogOptions) => Promise<void>;
export { accessLog }
export default accessLog;

export function accessLogController(options?: ConstructorParameters<typeof LogController>[0]): LogController;

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

export type FastifyAccessLogOptions = AccessLogOptions<FastifyRequest> & RegisterOptions;

interface HmacOptions {
    readonly key: string | Uint8Array | 'ephemeral';
    readonly period?: number | undefined;
}

interface KeptBits {
    readonly ipv4?: number | undefined;
    readonly ipv6?: number | undefined;
}

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

interface PrivacyOptions {
    readonly address?: AddressForm | undefined;
    readonly hmac?: HmacOptions | undefined;
    readonly keep?: KeptBits | undefined;
}

interface SpanLike {
    setAttribute(name: string, value: string | number): unknown;
}
