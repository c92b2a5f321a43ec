/// <reference path="../src/serve/page.d.ts" />
import { definePolicy, resolve } from '@truehop/identity'
import { expect, test } from 'vitest'
import { Inspector } from '../src/serve/inspector.js'

test.each([
  ['cross-site', 'other-site'],
  ['same-origin', 'admitted'],
])('a request that a browser calls %s is counted as %s', (site, admission) => {
  const inspector = new Inspector({ allow: ['loopback'] })
  try {
    const policy = definePolicy({ hops: [] })
    const identity = resolve(policy, { peer: '127.0.0.1', headers: {} })
    const origin = { site, isVisit: false, origin: undefined }
    expect(inspector.refusal(policy, identity, 'localhost', origin)).toBeUndefined()
    const readings = [...(inspector.metrics[0]?.read() ?? [])]
    const counted = readings.filter(([{ name }]) => name === 'truehop.inspector.requests')
    expect(counted.map(([, count, attributes]) => [count, attributes])).toEqual([
      [1, { 'truehop.inspector.admission': admission }],
    ])
  } finally {
    inspector.close()
  }
})
