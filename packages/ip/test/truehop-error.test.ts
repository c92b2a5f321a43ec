import { describe, expect, test, vi } from 'vitest'
import { placedMessage } from '../src/error/truehop-error.js'
import { PrefixError, parsePrefix, TruehopError } from '../src/index.js'

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

class OtherError extends TruehopError {
  override readonly name = 'OtherError'
  readonly code = 'other'
}

describe('TruehopError', () => {
  test('has a code, a path and a link to the heading of its code', () => {
    const error = thrownBy(() => parsePrefix('10.0.0.0/33'))
    expect(error).toBeInstanceOf(TruehopError)
    expect(error).toMatchObject({
      code: 'bad-prefix',
      path: '',
      help: 'https://github.com/truehop/truehop/blob/main/docs/errors.md#bad-prefix',
    })
  })

  test('is the same class in two copies of the package, and each kind of it too', async () => {
    vi.resetModules()
    const copy = await import('../src/index.js')
    const error = thrownBy(() => copy.parsePrefix('x'))
    expect(copy.PrefixError).not.toBe(PrefixError)
    expect(error).toBeInstanceOf(TruehopError)
    expect(error).toBeInstanceOf(PrefixError)
    expect(error).not.toBeInstanceOf(OtherError)
  })

  test.each([
    [undefined],
    [null],
    [{}],
    [new Error('PrefixError')],
    [{ name: 'PrefixError' }],
    ['x'],
  ])('is not %s', (value) => {
    expect(value instanceof TruehopError).toBe(false)
    expect(value instanceof PrefixError).toBe(false)
  })

  test('names the place first, then what is wrong, then the code', () => {
    expect(placedMessage('hops[0].from', 'policy', 'must be an array', 'bad-from')).toBe(
      'hops[0].from: must be an array [bad-from]',
    )
    expect(placedMessage('', 'policy', 'must be an object', 'bad-policy')).toBe(
      'policy: must be an object [bad-policy]',
    )
  })
})
