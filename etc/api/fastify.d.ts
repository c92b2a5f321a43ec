import type { AcceptCounters } from '@truehop/proxy-protocol/receive';
import { ClientIdentity } from '@truehop/identity/adapter';
import { definePolicy } from '@truehop/identity/adapter';
import { EdgeOptions } from '@truehop/identity/adapter';
import type { FastifyPluginAsync } from 'fastify';
import { HopRule } from '@truehop/identity/adapter';
import { HopsOptions } from '@truehop/identity/adapter';
import { IdentifiableRequest } from '@truehop/identity/adapter';
import { identityOf } from '@truehop/identity/adapter';
import { OnUndetermined } from '@truehop/identity/adapter';
import { Policy } from '@truehop/identity/adapter';
import { PolicyError } from '@truehop/identity/adapter';
import { PolicyOptions } from '@truehop/identity/adapter';
import { rangesFrom } from '@truehop/identity/adapter';
import type { RegisterOptions } from 'fastify';
import { ResolvedIdentity } from '@truehop/identity/adapter';
import { TruehopError } from '@truehop/identity/adapter';
import { TrustOptions } from '@truehop/identity/adapter';
import { UndeterminedIdentity } from '@truehop/identity/adapter';

export { ClientIdentity }

export { definePolicy }

export { HopRule }

export { HopsOptions }

export { IdentifiableRequest }

export { identityOf }

export { OnUndetermined }

export { Policy }

export { PolicyError }

export { PolicyOptions }

export interface ProxyProtocolCounts {
    readonly counters: AcceptCounters;
}

export { rangesFrom }

export { ResolvedIdentity }

const truehop: FastifyPluginAsync<TruehopOptions>;
export default truehop;
export { truehop }

export { TruehopError }

export class TruehopFastifyError extends TruehopError {
    constructor(code: TruehopFastifyErrorCode, message: string);
    readonly code: TruehopFastifyErrorCode;
    readonly name = "TruehopFastifyError";
}

export type TruehopFastifyErrorCode = 'trust-proxy-set' | 'already-registered' | 'listen-unobservable' | 'server-not-covered';

export type TruehopOptions = EdgeOptions & RegisterOptions;

export { TrustOptions }

export { UndeterminedIdentity }
