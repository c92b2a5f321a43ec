import type { FastifyInstance } from 'fastify';
import type { FastifyRequest } from 'fastify';
import { LogController } from 'fastify';
import type { RegisterOptions } from 'fastify';

const accessLog: (fastify: FastifyInstance, options: FastifyAccessLogOptions) => Promise<void>;
export { accessLog }
export default accessLog;

export function accessLogController(options?: ConstructorParameters<typeof LogController>[0]): LogController;

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

export type FastifyAccessLogOptions = AccessLogOptions<FastifyRequest> & RegisterOptions;

interface HmacOptions {
    readonly key: string | Uint8Array | 'ephemeral';
    readonly period?: number;
}

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

interface PrivacyOptions {
    readonly address?: AddressForm;
    readonly hmac?: HmacOptions;
}

interface SpanLike {
    setAttribute(name: string, value: string | number): unknown;
}
