import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Suites that take half a minute and more on two slow cores, longest first. Started last, one of them
 * would run alone while the other workers have nothing left to do.
 */
export const LONGEST = [
  'test/packaging/packaging.test.ts',
  'test/inspector/page.test.ts',
  'test/interop/interop.test.ts',
  'test/redis/outage.test.ts',
]

/** The long suites, then the others of the workspace, then those of the packages, which are short. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = await super.sort(files)
    return order.sort((a, b) => this.#turn(a) - this.#turn(b))
  }

  #turn({ moduleId, project }: TestSpecification): number {
    const place = LONGEST.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'))
    if (place >= 0) return place
    return project.name === 'system' ? LONGEST.length : LONGEST.length + 1
  }
}
