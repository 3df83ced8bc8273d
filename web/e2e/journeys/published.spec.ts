// E24, H83: what a browser runs is what `callbox client` lists, and nothing of it takes over the rest.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'

import { expectPicture } from '../support/rtc.ts'
import { binary } from '../support/server.ts'
import { expect, test } from '../support/test.ts'

test('e24 every script, style and page that a browser loads is in the list, byte for byte', async ({ server, pair }) => {
  const { stdout } = await promisify(execFile)(binary, ['client'])
  const list = new Map(stdout.trim().split('\n').map((line) => line.split('  ').reverse() as [string, string]))
  const [anna, ben] = await pair()
  const loaded = new Set<string>()
  ben.context.on('request', (request) => {
    const { pathname, protocol } = new URL(request.url())
    if (protocol === 'https:' && !pathname.startsWith('/api/')) loaded.add(pathname)
  })
  await ben.page.reload()
  await ben.expectInside()
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(ben.page)
  await ben.button('Hang up').click()
  await expect(anna.call).toBeHidden()
  for (const path of ['/people', '/search', '/settings/devices', '/settings/password']) {
    await ben.visit(path)
    await expect(ben.page.getByRole('main')).not.toBeEmpty()
  }
  expect(loaded.size).toBeGreaterThan(10)
  for (const path of loaded) {
    // Pages of the client have addresses of their own and are all the same one.
    const name = list.has(path.slice(1)) ? path.slice(1) : 'index.html'
    const headers: Record<string, string> = name === 'index.html' ? { 'sec-fetch-dest': 'document' } : {}
    const body = await (await ben.context.request.get(server.url(path), { headers })).body()
    expect(createHash('sha256').update(body).digest('hex'), path).toBe(list.get(name))
  }
  expect([...loaded].some((path) => /worker.*\.js$/.test(path))).toBe(true)
})

test('H83: one service worker, at the root, asked for again each time', async ({ server, person }) => {
  const anna = await person('Anna')
  const get = async (path: string) => (await anna.context.request.get(server.url(path))).headers()
  const { stdout } = await promisify(execFile)(binary, ['client'])
  const scripts = stdout.trim().split('\n').map((line) => line.split('  ')[1] ?? '').filter((name) => name.endsWith('.js'))
  expect(scripts).toContain('sw.js')
  expect(scripts.filter((name) => !name.includes('/'))).toEqual(['sw.js'])
  expect((await get('/sw.js'))['cache-control']).toBe('no-cache')
  // A script below a folder may only serve that folder, unless it is told that it may do more.
  for (const script of scripts) expect((await get(`/${script}`))['service-worker-allowed'], script).toBeUndefined()
})
