import { beforeAll, expect, test } from 'vitest'
import { describeAtOnceWithPeers } from '../peers/harness/peer.js'
import { stopAfterAll } from '../peers/harness/service.js'
import { examine, notes, wrongs } from './harness/examination.js'
import { type Postfix, startPostfix } from './harness/postfix.js'

describeAtOnceWithPeers(['postfix'], 'Postfix', () => {
  const own = stopAfterAll()
  let ports: Postfix['ports']

  beforeAll(async () => {
    ports = own(await startPostfix()).ports
  })

  /** It greets behind a header, answers 421 to anything else, and reads no `PROXY UNKNOWN`. */
  test.each(['smtpd', 'postscreen'] as const)(
    '%s with upstream_proxy_protocol = haproxy: a header is required',
    async (name) => {
      const examination = await examine(ports[name])
      expect(examination.contract).toEqual({ header: 'required', versions: [1, 2], tls: 'none' })
      expect(wrongs(examination)).toEqual(['unknown-refused'])
      expect(notes(examination)).toEqual([
        'plain-checks-fail',
        'split-refused',
        'checksum-unchecked',
      ])
    },
  )

  test('smtpd without it: a header is no header', async () => {
    const examination = await examine(ports.plain)
    expect(examination.contract).toEqual({ header: 'none', versions: [], tls: 'none' })
    expect(wrongs(examination)).toEqual([])
  })
})
