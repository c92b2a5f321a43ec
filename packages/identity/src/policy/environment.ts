import { PolicyError } from './error.js'
import { definePolicy, type Policy } from './policy.js'

/** Environment variables that contain a policy. */
export interface PolicyEnvironment {
  /** Path of a policy file. */
  readonly TRUEHOP_POLICY?: string | undefined
  /** Entries of `trust`, separated by commas or white space. */
  readonly TRUEHOP_TRUST?: string | undefined
  /** `header` of the shorthand form, or of the platform. */
  readonly TRUEHOP_HEADER?: string | undefined
  /** Id of a platform; `TRUEHOP_TRUST` then replaces its own peers. */
  readonly TRUEHOP_PLATFORM?: string | undefined
}

/** As the public `policyFromEnvironment`; `load` reads the file that `TRUEHOP_POLICY` names. */
export function fromEnvironment(
  environment: PolicyEnvironment,
  load: (path: string) => Policy,
): Policy | undefined {
  const {
    TRUEHOP_POLICY: file,
    TRUEHOP_TRUST: trust,
    TRUEHOP_HEADER: header,
    TRUEHOP_PLATFORM: platform,
  } = environment
  if (file !== undefined) {
    if (trust === undefined && header === undefined && platform === undefined) {
      return load(file)
    }
    const others = 'TRUEHOP_TRUST, TRUEHOP_HEADER and TRUEHOP_PLATFORM'
    throw badEnvironment('TRUEHOP_POLICY', `already names the whole policy; unset ${others}`)
  }
  const from = trust?.split(/[\s,]+/).filter((entry) => entry !== '')
  if (platform !== undefined) return definePolicy({ platform, from, header })
  if (trust === undefined && header === undefined) return undefined
  if (trust === undefined || header === undefined) {
    const missing = trust === undefined ? 'TRUEHOP_TRUST' : 'TRUEHOP_HEADER'
    const example = trust === undefined ? '"10.0.0.0/8 loopback"' : 'x-forwarded-for'
    throw badEnvironment(missing, `is not set; write ${missing}=${example}`)
  }
  return definePolicy({ trust: from ?? [], header })
}

function badEnvironment(variable: string, message: string): PolicyError {
  return new PolicyError('bad-environment', variable, message)
}
