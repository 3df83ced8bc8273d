// The client's files from another origin: loaded from there, checked, and only what may be.

import { readFile } from 'node:fs/promises'
import { createServer, type Server as Http } from 'node:http'
import { join, resolve } from 'node:path'

import { joinInFirefox, launchFirefox } from '../support/firefox.ts'
import { Person } from '../support/people.ts'
import { Server } from '../support/server.ts'
import { expect, test } from '../support/test.ts'

test.setTimeout(180_000)

const dist = resolve(import.meta.dirname, '../../dist')
const kinds: Record<string, string> = { js: 'text/javascript', css: 'text/css', woff2: 'font/woff2' }

/** Another origin with the same files, as a CDN has them; some of them changed on the way. */
class Elsewhere {
  readonly served: string[] = []
  /** The beginnings of names of files that are not as they were. */
  changed: string[] = []
  private constructor(private readonly http: Http) {}

  static async start(): Promise<Elsewhere> {
    const http = createServer()
    const elsewhere = new Elsewhere(http)
    http.on('request', (request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname
      elsewhere.served.push(path)
      const name = path.slice('/assets/'.length)
      readFile(join(dist, 'assets', name.replaceAll('/', ''))).then(
        (bytes) => {
          const kind = kinds[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
          response.writeHead(200, { 'content-type': kind, 'access-control-allow-origin': '*' })
          const changed = elsewhere.changed.some((start) => name.startsWith(start))
          response.end(changed ? Buffer.concat([bytes, Buffer.from('\n;globalThis.changed = true')]) : bytes)
        },
        () => response.writeHead(404).end(),
      )
    })
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
    return elsewhere
  }

  get origin(): string {
    const address = this.http.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return `http://127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections()
    await new Promise((done) => this.http.close(done))
  }
}

const it = test.extend<{ elsewhere: Elsewhere; far: Server }>({
  elsewhere: async ({}, use) => {
    const elsewhere = await Elsewhere.start()
    await use(elsewhere)
    await elsewhere.stop()
  },
  far: async ({ elsewhere }, use) => {
    const server = await Server.start('--asset-origin', elsewhere.origin)
    await use(server)
    await server.stop()
  },
})

it('everything works with the files from another origin', async ({ chrome, far, elsewhere }) => {
  const anna = await Person.at(chrome, far, 'Anna')
  const own: string[] = []
  anna.context.on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin === new URL(far.url()).origin && url.pathname.startsWith('/assets/')) own.push(url.pathname)
  })
  await anna.setUp(far)
  const link = await anna.invite()
  const ben = await Person.at(chrome, far, 'Ben')
  await ben.join(link)
  await anna.open('Everyone')
  await anna.write('from near and far')
  await ben.open('Everyone')
  await expect(ben.message('from near and far')).toBeVisible()
  await anna.visit('/owner/people')
  await expect(anna.page.getByText('2 people')).toBeVisible()

  // Workers have to be of the page's own origin, with what they load; all else comes from elsewhere.
  expect(own.filter((path) => !path.startsWith('/assets/worker-'))).toEqual([])
  expect(own.length).toBeGreaterThan(0)
  expect(elsewhere.served.filter((path) => path.endsWith('.js')).length).toBeGreaterThan(20)
  expect(elsewhere.served.some((path) => path.endsWith('.css'))).toBe(true)
  expect(elsewhere.served.some((path) => path.endsWith('.woff2'))).toBe(true)
  expect(elsewhere.served.filter((path) => !path.startsWith('/assets/') || path.includes('worker-'))).toEqual([])
  for (const person of [anna, ben]) {
    await person.leave()
    expect(person.faults).toEqual([])
  }
})

it('Firefox takes the files from there, too', async ({ chrome, far, elsewhere }) => {
  const anna = await Person.at(chrome, far, 'Anna')
  await anna.setUp(far)
  const link = await anna.invite()
  elsewhere.served.length = 0
  const firefox = await launchFirefox()
  try {
    const page = await firefox.newPage()
    await joinInFirefox(page, far.url(link), 'Ben')
    const served = elsewhere.served.filter((path) => path.startsWith('/assets/') && path.endsWith('.js'))
    expect(served.length).toBeGreaterThan(20)
    await anna.open('Everyone')
    await expect(anna.page.getByText('Ben joined').first()).toBeVisible()
  } finally {
    await firefox.close()
  }
  await anna.leave()
})

it('what was changed on the way is not run', async ({ chrome, far, elsewhere }) => {
  const anna = await Person.at(chrome, far, 'Anna')
  const ran = () => anna.page.evaluate(() => 'changed' in globalThis)
  // What the page itself names, and what a module loads later.
  for (const start of ['index-', 'account-']) {
    elsewhere.changed = [start]
    const told: string[] = []
    anna.page.on('console', (message) => told.push(message.text()))
    await anna.visit('/')
    await anna.visit(far.setupPath)
    await expect.poll(() => told.join(' '), { message: start }).toMatch(/integrity/i)
    await expect(anna.page.getByRole('heading', { name: 'Set up Callbox' })).toHaveCount(0)
    expect(await ran()).toBe(false)
  }
  elsewhere.changed = []
  await anna.visit('/')
  await anna.visit(far.setupPath)
  await expect(anna.page.getByRole('heading', { name: 'Set up Callbox' })).toBeVisible()
  await anna.leave()
})
