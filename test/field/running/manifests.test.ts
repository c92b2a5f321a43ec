import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { policyFromText } from '@truehop/identity'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { codeBlocksIn, root } from '../../docs/code-blocks.js'
import { cacheFolder, temporaryFolder } from '../../peers/harness/folder.js'
import { describeWithPeers, peerPath } from '../../peers/harness/peer.js'

const run = promisify(execFile)

const page = 'docs/running.md'
const blocks = codeBlocksIn(page, readFileSync(join(root, page), 'utf8'))
const textsOf = (language: string): string[] =>
  blocks.filter((block) => block.language === language).map(({ text }) => text)

/** The types of the kinds that the page has, as the API of Kubernetes describes them. */
const KINDS: Readonly<Record<string, string>> = {
  ConfigMap: 'core/v1',
  Service: 'core/v1',
  Deployment: 'apps/v1',
}

describe('the manifests', () => {
  const manifests = textsOf('yaml').flatMap((text) =>
    parseAllDocuments(text).map((document) => {
      expect(document.errors).toEqual([])
      return document.toJS()
    }),
  )
  const ofKind = (kind: string) => manifests.find((manifest) => manifest.kind === kind)
  const pod = () => ofKind('Deployment').spec.template.spec
  const container = () => pod().containers[0]
  const portNamed = (name: string) =>
    container().ports.find((port: { readonly name: string }) => port.name === name)?.containerPort

  test('have members that the API of Kubernetes knows, and no others', async () => {
    const folder = cacheFolder('manifests')
    const lines = manifests.flatMap((manifest, i) => {
      const { kind } = manifest
      const from = `kubernetes-types/${KINDS[kind]}.js`
      return [
        `import type { ${kind} as Kind${i} } from '${from}'`,
        `export const manifest${i}: Kind${i} = ${JSON.stringify(manifest)}`,
      ]
    })
    const file = join(folder, 'manifests.ts')
    writeFileSync(file, lines.join('\n'))
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--skipLibCheck',
      '--types',
      '',
    ]
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = await run(process.execPath, [tsc, ...options, file], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    )
    expect(stdout).toBe('')
  })

  test('hold a policy that loads', () => {
    const [name] = Object.keys(ofKind('ConfigMap').data)
    expect(name).toBe('policy.json')
    expect(policyFromText(ofKind('ConfigMap').data[name ?? ''], page).status().hops.length).toBe(1)
    expect(pod().volumes[0].configMap.name).toBe(ofKind('ConfigMap').metadata.name)
  })

  test('probe a port that no Service names', () => {
    for (const probe of [container().readinessProbe, container().livenessProbe]) {
      expect(portNamed(probe.httpGet.port)).toBe(8081)
    }
    const { ports, selector } = ofKind('Service').spec
    expect(
      ports.map((port: { readonly targetPort: string }) => portNamed(port.targetPort)),
    ).toEqual([3000])
    expect(ofKind('Deployment').spec.template.metadata.labels).toMatchObject(selector)
  })

  test('leave time for the end of what is being served', () => {
    const drain = container().env.find((each: { readonly name: string }) => each.name === 'DRAIN')
    expect(pod().terminationGracePeriodSeconds * 1000).toBeGreaterThan(2 * Number(drain.value))
  })
})

describeWithPeers(['systemd'], 'the units', () => {
  const units = textsOf('ini').map((text) => {
    const [, name = ''] = text.match(/^# \/etc\/systemd\/system\/(\S+)/) ?? []
    return { name, text }
  })

  test('are understood by systemd', async () => {
    expect(units.map(({ name }) => name)).toEqual(['app.socket', 'app.service'])
    const folder = temporaryFolder('units')
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const files = units.map(({ name, text }) => {
      const file = join(folder, name)
      writeFileSync(file, text.replace('/usr/bin/node', process.execPath))
      return file
    })
    const analyze = join(peerPath('systemd'), '../systemd-analyze')
    const { stdout, stderr } = await run(analyze, ['verify', '--man=no', ...files])
    // It also speaks of units of the machine that it finds on the way.
    const about = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('app.'))
    expect(about).toEqual([])
  })
})
