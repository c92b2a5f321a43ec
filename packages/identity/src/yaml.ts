/**
 * Policy files in JSON and YAML. Needs the package `yaml`, which the main entry point does without.
 */
import { type Correctable, type CorrectedText, correctText } from './policy/corrected-text.js'
import { fromEnvironment, type PolicyEnvironment } from './policy/environment.js'
import type { PlaceOf } from './policy/error.js'
import type { Policy } from './policy/policy.js'
import type { RepeatedName } from './policy/policy-text.js'
import { loadFile, openFile } from './policy/read-file.js'
import { startPolicy } from './policy/start-policy.js'
import { placeReader } from './policy/written-places.js'
import { readJsonOrYaml } from './policy/yaml-text.js'

export type { Correctable, CorrectedText }

/**
 * As `loadPolicy` of the main entry point, for files named `.yaml` or `.yml` as well: YAML 1.2, one
 * document, without tags and aliases.
 *
 * @throws {PolicyError} likewise.
 */
export function loadPolicy(path: string): Policy {
  return loadFile(path, readJsonOrYaml)
}

/** As `openPolicy` of the main entry point, for YAML as well. */
export function openPolicy(path: string): Promise<Policy> {
  return openFile(path, readJsonOrYaml)
}

/**
 * As `policyFromText` of the main entry point, for YAML as well: by the ending of the name; of another
 * name, JSON where the text begins with a brace or a comment of JSON.
 *
 * @throws {PolicyError} likewise.
 */
export function policyFromText(text: string, name: string): Policy {
  return startPolicy(readJsonOrYaml(text, name), name, 'now').policy
}

/**
 * As `policyFromEnvironment` of the main entry point; `TRUEHOP_POLICY` may name a YAML file.
 *
 * @throws {PolicyError} likewise.
 */
export function policyFromEnvironment(
  environment: PolicyEnvironment = process.env,
): Policy | undefined {
  return fromEnvironment(environment, loadPolicy)
}

/**
 * Finds the line and column of what a path names in the text of a policy file; for findings of
 * `lint`.
 */
export function placesIn(text: string, name: string): PlaceOf {
  return placeReader(readJsonOrYaml(text, name).places)
}

/**
 * The names that objects in a JSON or YAML text have more than once, which parsers pass over in
 * silence; none for a text that cannot be read.
 */
export function repeatedNames(text: string, name: string): readonly RepeatedName[] {
  return readJsonOrYaml(text, name).repeated
}

/**
 * The text of a policy file with the corrections made that findings of `lint`, or problems of a
 * `PolicyError`, carry. All else stays as it is written, comments and white space too.
 */
export function correctedText<F extends Correctable>(
  text: string,
  name: string,
  findings: readonly F[],
): CorrectedText<F> {
  return correctText(text, name, findings, readJsonOrYaml)
}
