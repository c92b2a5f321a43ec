import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { describeWithPeers, peerPath } from '../peers/harness/peer.js'

describeWithPeers(['man'], 'the manual page', () => {
  test('man reads it without a warning', () => {
    const page = fileURLToPath(new URL('../../packages/cli/man/truehop.1', import.meta.url))
    const env = { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8' }
    const args = ['--warnings', '--local-file', page]
    const { stdout, stderr } = spawnSync(peerPath('man'), args, { env, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toContain('truehop doctor')
    expect(stdout).toContain('--yes-i-operate-this-host')
  })
})
