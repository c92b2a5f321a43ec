import { describe, expect, test } from 'vitest'
import { HostNames, hostName } from '../src/serve/host-names.js'

describe('the names under which the page may be asked for', () => {
  const names = new HostNames(['ops.example.com'])

  test.each([
    '127.0.0.1',
    '127.0.0.1:3000',
    '[::1]:3000',
    '[2001:db8::7]',
    'localhost',
    'LOCALHOST:8080',
    'ops.example.com',
    'Ops.Example.Com.:443',
  ])('%s is one', (authority) => {
    expect(names.has(authority)).toBe(true)
  })

  test.each([
    'rebound.example',
    'rebound.example:3000',
    'ops.example.com.rebound.example',
    'rebound.example/ops.example.com',
    'ops.example.com@rebound.example',
    'rebound.example?ops.example.com',
    '127.0.0.1.rebound.example',
    'localhost.rebound.example',
    'localhostx',
    'ops.example.com:99999',
    '127.0.0.1, rebound.example',
    '',
  ])('%j is none', (authority) => {
    expect(names.has(authority)).toBe(false)
  })

  test('are compared as a browser writes them', () => {
    expect(hostName('BÜCHER.example:80')).toBe('xn--bcher-kva.example')
    expect(hostName('[2001:DB8::0:7]:80')).toBe('2001:db8::7')
  })
})
