import { MemoryStore } from '@truehop/rate-limit'
import { storeCases } from '@truehop/rate-limit/store-tests'
import { describe, expect, test } from 'vitest'

describe('memory', () => {
  const store = new MemoryStore(1000)

  test.each(storeCases)('$name', ({ run }) => run(store))
})

describe('the suite for stores', () => {
  test('fails a store that takes everything', async () => {
    const honest = new MemoryStore(1000)
    const generous = {
      kind: 'generous',
      ask: (...asked: Parameters<MemoryStore['ask']>) => ({ ...honest.ask(...asked), done: true }),
    }
    const results = await Promise.allSettled(storeCases.map(({ run }) => run(generous)))
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(10)
  })
})
