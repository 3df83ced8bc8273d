// A person joins, and the conversation is long: what they wait for.

import { type Browser, type CDPSession, expect, type Page, test } from '@playwright/test'
import { readFile } from 'node:fs/promises'

import { PASSWORD, Person } from '../support/people.ts'
import { Server } from '../support/server.ts'
import { tasksOf, watchTasks } from '../support/tasks.ts'
import { launchChromium } from '../support/test.ts'

const folder = process.env['E2E_FOLDER']
const link = process.env['E2E_LINK'] ?? ''

test('a long history', async () => {
  if (!folder) throw new Error('run `cargo bench --bench history`')
  const server = await Server.on(folder)
  const browser = await launchChromium()
  try {
    const first = await Person.at(browser, server, 'Ben')
    await first.join(link)
    await first.leave()
    // A new device: it has to fetch, open and index everything.
    const ben = await Person.at(browser, server, 'Ben')
    await ben.context.addInitScript(watchTasks)
    await measure(ben, browser)
    await ben.leave()
  } finally {
    await browser.close()
    await server.down()
  }
})

async function measure(ben: Person, browser: Browser): Promise<void> {
  const { page } = ben
  const cdp = await ben.context.newCDPSession(page)
  await ben.visit('/')
  await page.getByLabel('Name', { exact: true }).fill('Ben')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  const signedIn = performance.now()
  await ben.expectInside()
  print('sign-in on a new device, until it is inside', since(signedIn))
  await tasksOf(page)
  const opened = performance.now()
  await ben.open('Everyone')
  await expect(ben.log.getByText(/^Message \d+: /).last()).toBeVisible()
  print('conversation opened, until its newest messages are there', since(opened))
  const entries = await indexed(page)
  print('history opened and indexed in the background', entries)
  print('meanwhile on the main thread', await tasksOf(page))
  print('memory then', await memory(cdp, browser))

  for (const word of ['flowerpot', 'message', 'ba', 'bababa kobaba']) {
    await page.goto(new URL('/search', page.url()).href)
    const field = page.getByRole('searchbox', { name: 'Search messages' })
    await expect(field).toBeFocused()
    // The first query after loading waits for the index to be read.
    if (word === 'flowerpot') {
      const loaded = performance.now()
      await field.fill('zzz')
      await expect(page.getByText(/^No message with/)).toBeVisible()
      print('index read after a reload, first answer', since(loaded))
    } else {
      await field.fill('zzz')
      await expect(page.getByText(/^No message with/)).toBeVisible()
    }
    await tasksOf(page)
    const took = await page.evaluate(timeToResults, word)
    print(`search for “${word}”`, `${took}; ${await tasksOf(page)}`)
  }

  await page.goto(new URL('/', page.url()).href)
  await ben.open('Everyone')
  const reloaded = performance.now()
  await page.reload()
  await expect(ben.log.getByText(/^Message \d+: /).last()).toBeVisible()
  print('page loaded again at the conversation, until its newest messages are there', since(reloaded))
  await tasksOf(page)
  const back = await page.evaluate(scrollBack, 2_000)
  print('2,000 messages scrolled back', `${back}; ${await tasksOf(page)}`)
  print('memory then', await memory(cdp, browser))
}

/** Waits until the index reaches the first entry; tells how long its pages took. */
async function indexed(page: Page): Promise<string> {
  const { entries, ms } = await page.evaluate(async () => {
    const open = async () => {
      for (;;) {
        const { name } = (await indexedDB.databases()).find(({ name }) => name?.startsWith('callbox-search-')) ?? {}
        if (name !== undefined) {
          const database = await new Promise<IDBDatabase>((resolve) => {
            const request = indexedDB.open(name)
            request.onsuccess = () => resolve(request.result)
          })
          if (database.objectStoreNames.contains('segments')) return database
          database.close()
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    const database = await open()
    const keys = () =>
      new Promise<[string, number][]>((resolve) => {
        const request = database.transaction('segments').objectStore('segments').getAllKeys()
        request.onsuccess = () => resolve(request.result as [string, number][])
      })
    const lowest = async () => Math.min(...(await keys()).map(([, from]) => from))
    // Some of it is there already: only what is still to come is timed.
    const before = await lowest()
    const began = performance.now()
    while ((await lowest()) > 1) await new Promise((resolve) => setTimeout(resolve, 100))
    const ms = performance.now() - began
    database.close()
    return { entries: before, ms }
  })
  return `${entries} entries in ${(ms / 1000).toFixed(1)} s: ${Math.round((entries / ms) * 1000)} a second`
}

/** Types a word at once and waits for the count of what was found; in the page, where nothing lies in between. */
async function timeToResults(word: string): Promise<string> {
  const field = document.querySelector<HTMLInputElement>('input[type=search]')
  if (!field) throw new Error('no field')
  const began = performance.now()
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, word)
  field.dispatchEvent(new Event('input', { bubbles: true }))
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    const told = [...document.querySelectorAll('[role=status]')].map((element) => element.textContent ?? '')
    const count = told.find((text) => /^[\d,]+ messages?$/.test(text))
    if (count !== undefined) return `${count} after ${Math.round(performance.now() - began)} ms`
    if (performance.now() - began > 30_000) throw new Error(`no answer: ${told.join(' | ')}`)
  }
}

/** Goes up as fast as messages come. */
async function scrollBack(messages: number): Promise<string> {
  const log = document.querySelector('[role=log]')
  if (!log) throw new Error('no log')
  const top = () => Number(/^Message (\d+): /.exec(log.querySelector('article')?.querySelector('[dir=auto]')?.textContent ?? '')?.[1])
  const began = performance.now()
  const from = top()
  let frames = 0
  while (!(from - top() >= messages)) {
    log.scrollTop = Math.max(0, log.scrollTop - 600)
    frames += 1
    await new Promise((resolve) => requestAnimationFrame(resolve))
    if (performance.now() - began > 120_000) throw new Error(`stuck at ${top()}, from ${from}`)
  }
  const ms = performance.now() - began
  return `${(ms / 1000).toFixed(1)} s, ${Math.round((frames / ms) * 1000)} frames a second`
}

/** The page's heap, and what its processes have of the machine. */
async function memory(cdp: CDPSession, browser: Browser): Promise<string> {
  await cdp.send('HeapProfiler.collectGarbage')
  await cdp.send('Performance.enable')
  const { metrics } = await cdp.send('Performance.getMetrics')
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0
  const whole = await browser.newBrowserCDPSession()
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo')
  const renderers = processInfo.filter(({ type }) => type === 'renderer')
  const sizes = await Promise.all(renderers.map(({ id }) => proportional(id)))
  await whole.detach()
  const mega = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  return `page heap ${mega(heap)}, renderer with its workers ${mega(sizes.reduce((a, b) => a + b, 0))}`
}

async function proportional(process: number): Promise<number> {
  const text = await readFile(`/proc/${process}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}

function since(began: number): string {
  return `${Math.round(performance.now() - began)} ms`
}

function print(what: string, figure: string): void {
  console.log(`${what}: ${figure}`)
}
