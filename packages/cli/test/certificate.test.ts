import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { selfSigned } from '../src/listen/certificate.js'
import { der, identifier, integer, time } from '../src/listen/der.js'

describe('DER', () => {
  test.each([
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [70_000, '0483011170'],
  ])('the length of %i bytes', (length, start) => {
    const bytes = der(4, Buffer.alloc(length))
    expect(bytes.subarray(0, bytes.length - length).toString('hex')).toBe(start)
  })

  test.each([
    ['2.5.4.3', '0603550403'],
    ['1.2.840.10045.4.3.2', '06082a8648ce3d040302'],
  ])('the identifier %s', (dotted, hex) => {
    expect(identifier(dotted).toString('hex')).toBe(hex)
  })

  test('an integer is never negative', () => {
    expect(integer(0x7f).toString('hex')).toBe('02017f')
    expect(integer(0x80, 1).toString('hex')).toBe('0203008001')
  })

  test.each([
    ['2049-12-31T23:59:59Z', '491231235959Z', 0x17],
    ['2050-01-01T00:00:00Z', '20500101000000Z', 0x18],
  ])('the time %s', (moment, text, tag) => {
    expect(time(new Date(moment))).toEqual(der(tag, Buffer.from(text)))
  })
})

describe('a self-signed certificate', () => {
  const { cert, key } = selfSigned(['localhost', '127.0.0.1', '::1'])
  const certificate = new X509Certificate(cert)

  test('is what Node takes, and signed by its own key', () => {
    expect(() => createSecureContext({ cert, key })).not.toThrow()
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkIssued(certificate)).toBe(true)
  })

  test('is for the names it was made for, and no others', () => {
    expect(certificate.checkHost('localhost')).toBe('localhost')
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(certificate.checkIP('::1')).toBe('::1')
    expect(certificate.checkHost('a.example')).toBeUndefined()
  })

  test('is new each time', () => {
    const other = new X509Certificate(selfSigned(['localhost']).cert)
    expect(other.serialNumber).not.toBe(certificate.serialNumber)
  })
})
