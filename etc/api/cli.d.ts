import type { Readable } from 'node:stream';
import type { Writable } from 'node:stream';

export type ExitCode = 0 | 1 | 2;

export function run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;

export interface Screen extends Writable {
    readonly columns?: number | undefined;
    readonly isTTY?: boolean | undefined;
}

export interface Terminal {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly signal: AbortSignal;
    readonly stderr: Screen;
    readonly stdin: Readable;
    readonly stdout: Screen;
}
