// E21, H77, H78, H81, H84 as people meet them: files changed on their way, and files that want to be pages.

import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import type { Locator } from '@playwright/test'

import { picture, type SentFile } from '../support/media.ts'
import type { Person } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

const SEALED = 256 * 1024 + 16

async function send(person: Person, file: SentFile, caption = ''): Promise<void> {
  const chooser = person.page.waitForEvent('filechooser')
  await person.button('Attach files').click()
  await (await chooser).setFiles(file)
  const dialog = person.page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Add a message' }).fill(caption)
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(dialog).toBeHidden()
}

async function saved(person: Person, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([person.page.waitForEvent('download'), button.click()])
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

test('e21 a file that the server changes, reorders or cuts is not saved', async ({ pair }) => {
  test.slow()
  const [anna, ben] = await pair()
  const plan = { name: 'plan.bin', mimeType: '', buffer: randomBytes(2 * 256 * 1024 + 1000) }
  await send(anna, plan)
  const button = ben.button('Save plan.bin')
  await expect(button).toBeVisible()

  const chunk = (sealed: Buffer, n: number) => sealed.subarray(n * SEALED, (n + 1) * SEALED)
  const lies: Record<string, (sealed: Buffer) => Buffer> = {
    'a bit of the first chunk': (sealed) => Buffer.concat([Buffer.from([(sealed[0] ?? 0) ^ 1]), sealed.subarray(1)]),
    'a bit of the last tag': (sealed) => Buffer.concat([sealed.subarray(0, -1), Buffer.from([(sealed.at(-1) ?? 0) ^ 128])]),
    'two chunks swapped': (sealed) => Buffer.concat([chunk(sealed, 1), chunk(sealed, 0), chunk(sealed, 2)]),
    'a chunk told twice': (sealed) => Buffer.concat([chunk(sealed, 0), chunk(sealed, 0), chunk(sealed, 2)]),
    'a chunk left out': (sealed) => Buffer.concat([chunk(sealed, 0), chunk(sealed, 2)]),
    'the last chunk as a whole one': (sealed) => Buffer.concat([sealed.subarray(0, 2 * SEALED), chunk(sealed, 0)]),
  }
  let downloads = 0
  ben.page.on('download', () => (downloads += 1))
  let lie: ((sealed: Buffer) => Buffer) | null = null
  await ben.context.route(/\/api\/v1\/files\/[^/]+$/, async (route) => {
    const request = route.request()
    if (!lie || request.method() !== 'GET') return route.continue()
    // Whatever is asked for, it tells the whole story, and lies about the range as well.
    const { range: _, ...asked } = await request.allHeaders()
    const response = await route.fetch({ headers: asked })
    const { 'content-length': __, ...told } = response.headers()
    const headers = { ...told, 'content-range': 'bytes 7-9/10' }
    await route.fulfill({ status: 206, headers, body: lie(await response.body()) })
  })
  for (const [name, told] of Object.entries(lies)) {
    lie = told
    await button.click()
    await expect(ben.page.getByText(/damaged or changed on its way|could not be loaded/).first(), name).toBeVisible({
      timeout: 30_000,
    })
    expect(downloads, name).toBe(0)
    await ben.page.reload()
    await expect(button).toBeVisible()
  }
  lie = null
  const copy = await saved(ben, button)
  expect(sha256(copy.bytes)).toBe(sha256(plan.buffer))
})

test('H77, H81: names of files are text, and never lead anywhere', async ({ pair }) => {
  const [anna, ben] = await pair()
  const names: [given: string, shown: string | RegExp][] = [
    ['<img src=x onerror="window.executed=1">.txt', /^Save .*img src=x onerror/],
    ['"><svg onload=window.executed=1>.txt', /^Save .*svg onload/],
    ['invoice.pdf\u202Etxt.exe', 'Save invoice.pdftxt.exe'],
    ['con.txt', /^Save .*con.*\.txt$/i],
    ['line\nbreak\u0007.txt', /^Save line.?break.*\.txt$/],
    [`${'long'.repeat(60)}.tar.gz`, /^Save long.*\.gz$/],
  ]
  for (const [name, shown] of names) {
    await send(anna, { name, mimeType: 'text/html', buffer: Buffer.from(name) }, '<b onclick=window.executed=1>caption</b>')
    const button = ben.log.getByRole('button', { name: shown })
    await expect(button).toBeVisible()
    const copy = await saved(ben, button)
    expect(copy.bytes.toString()).toBe(name)
    expect(copy.name).not.toMatch(/[/\\\p{Cc}\p{Cf}]|^\.|^con\./iu)
  }
  for (const one of [anna, ben]) {
    expect(await one.page.evaluate(() => (window as { executed?: number }).executed)).toBeUndefined()
    await expect(one.page.locator('iframe, [onload], [onerror], [onclick], img[src="x"]')).toHaveCount(0)
  }
})

test('H78, H84: what is no picture is never shown as one, whatever it says it is', async ({ pair }) => {
  test.slow()
  const [anna, ben] = await pair()
  const script = '<script>window.executed=1;parent.executed=1;opener.executed=1</script>'
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.executed=1">${script}</svg>`
  const files: SentFile[] = [
    { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from(script) },
    { name: 'page.xhtml', mimeType: 'application/xhtml+xml', buffer: Buffer.from(`<html xmlns="http://www.w3.org/1999/xhtml">${script}</html>`) },
    { name: 'feed.xml', mimeType: 'text/xml', buffer: Buffer.from(`<?xml version="1.0"?>${svg}`) },
    { name: 'paper.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 /OpenAction << /S /JavaScript /JS (app.alert(1)) >>') },
    { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(svg) },
    // A page and a drawing that say they are pictures.
    { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(script) },
    { name: 'photo.webp', mimeType: 'image/webp', buffer: Buffer.from(svg) },
    { name: 'clip.mp4', mimeType: 'video/mp4', buffer: Buffer.from(script) },
  ]
  const pages = ben.context.pages().length
  const fetched: string[] = []
  ben.context.on('request', (request) => {
    if (request.method() === 'GET' && /\/api\/v1\/files\/[^/]+$/.test(request.url())) fetched.push(request.url())
  })
  for (const file of files) {
    await send(anna, file)
    const found = ben.log.getByRole('button', { name: new RegExp(`^(Save|Open|Play) ${file.name}$`) }).first()
    await expect(found).toBeVisible()
    if (!file.name.startsWith('clip')) {
      const copy = await saved(ben, ben.button(`Save ${file.name}`))
      expect(copy.bytes.equals(file.buffer)).toBe(true)
    }
  }
  await expect(ben.log.locator('iframe, object, embed')).toHaveCount(0)
  await expect(ben.log.getByRole('img', { name: /Picture: / })).toHaveCount(0)

  // A true picture is shown from an address of this page alone.
  await send(anna, picture('true.png', 300, 200))
  const shown = ben.log.getByRole('img', { name: 'Picture: true.png' })
  await expect(shown).toBeVisible()
  const source = await shown.evaluate((image: HTMLImageElement) => image.src)
  expect(source).toMatch(/^blob:/)
  // The file as the server gives it out, opened as a page.
  const [address = ''] = fetched
  expect(address).not.toBe('')
  const [download] = await Promise.all([
    ben.page.waitForEvent('download'),
    ben.page.goto(address).catch(() => undefined),
  ])
  expect(download.url()).toBe(address)
  expect(ben.context.pages()).toHaveLength(pages)
  expect(await ben.page.evaluate(() => (window as { executed?: number }).executed)).toBeUndefined()
})
