import { fromEnvironment, type PolicyEnvironment } from './environment.js'
import { readOnlyJson } from './json-text.js'
import type { Policy } from './policy.js'
import { loadFile, openFile } from './read-file.js'
import { startPolicy } from './start-policy.js'

/**
 * The policy in a JSON file: the options of `definePolicy`, with the options of `rangesFrom` as
 * entries of `from` for live ranges, and `$schema` for editors. Its schema is
 * `@truehop/identity/policy.schema.json`. `@truehop/identity/yaml` reads YAML too.
 *
 * Reads it, and ranges in files, synchronously: for start-up. In a service that is already
 * answering, use `openPolicy`.
 *
 * @throws {PolicyError} `bad-file` where it cannot be read, is not JSON, or is larger than 16 MiB;
 * `repeated-name` where one of its objects has a name twice; else as `definePolicy` does. The message begins with the file's name.
 */
export function loadPolicy(path: string): Policy {
  return loadFile(path, readOnlyJson)
}

/**
 * Like `loadPolicy`, for a running service: reads while the service answers, and resolves when the
 * ranges of the policy are there. Rejects after 15 seconds if the disk of a file does not answer,
 * and if a source has no ranges to give; then nothing is followed.
 */
export function openPolicy(path: string): Promise<Policy> {
  return openFile(path, readOnlyJson)
}

/**
 * The policy in the text of a policy file that has already been read. `name` begins the messages.
 *
 * @throws {PolicyError} like `loadPolicy`.
 */
export function policyFromText(text: string, name: string): Policy {
  return startPolicy(readOnlyJson(text, name), name, 'now').policy
}

/**
 * The policy that the environment gives: `TRUEHOP_POLICY=truehop.policy.json`, or
 * `TRUEHOP_TRUST="10.0.0.0/8 loopback" TRUEHOP_HEADER=x-forwarded-for`, or
 * `TRUEHOP_PLATFORM=render`. Undefined if none of the four is set: then nobody has asked for a
 * policy, and none is made up.
 *
 * @throws {PolicyError} `bad-environment` if the variables contradict each other or one is missing;
 * otherwise like `loadPolicy` and `definePolicy`.
 */
export function policyFromEnvironment(
  environment: PolicyEnvironment = process.env,
): Policy | undefined {
  return fromEnvironment(environment, loadPolicy)
}
