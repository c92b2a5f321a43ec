import { AcceptCounters } from '@truehop/proxy-protocol/receive';
import { ClientIdentity } from '@truehop/identity/adapter';
import { definePolicy } from '@truehop/identity/adapter';
import { EdgeOptions } from '@truehop/identity/adapter';
import { HopRule } from '@truehop/identity/adapter';
import { HopsOptions } from '@truehop/identity/adapter';
import { IdentifiableRequest } from '@truehop/identity/adapter';
import { identityOf } from '@truehop/identity/adapter';
import type { NextFunction } from 'express';
import { OnUndetermined } from '@truehop/identity/adapter';
import { Policy } from '@truehop/identity/adapter';
import { PolicyError } from '@truehop/identity/adapter';
import { PolicyOptions } from '@truehop/identity/adapter';
import { rangesFrom } from '@truehop/identity/adapter';
import type { RefusalLogger } from '@truehop/proxy-protocol/receive';
import type { Request as Request_2 } from 'express';
import { ResolvedIdentity } from '@truehop/identity/adapter';
import type { Response as Response_2 } from 'express';
import type { Server } from 'node:net';
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

function truehop(options: TruehopOptions): TruehopMiddleware;
export default truehop;
export { truehop }

export { TruehopError }

export class TruehopExpressError extends TruehopError {
    constructor(code: TruehopExpressErrorCode, message: string, path?: string);
    readonly code: TruehopExpressErrorCode;
    readonly name = "TruehopExpressError";
}

export type TruehopExpressErrorCode = 'bad-logger' | 'bad-server' | 'not-attached' | 'trust-proxy-set' | 'already-installed' | 'client-ip-set';

export interface TruehopMiddleware {
    (request: Request_2, response: Response_2, next: NextFunction): void;
    attach<S extends Server>(server: S): S;
    readonly proxyProtocol: readonly ProxyProtocolCounts[];
}

export type TruehopOptions = EdgeOptions & {
    readonly logger?: RefusalLogger | undefined;
};

export { TrustOptions }

export { UndeterminedIdentity }
