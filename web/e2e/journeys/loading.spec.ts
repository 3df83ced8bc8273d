// Which code a page loads, as the network sees it. Its size is judged by `npm run size`.

import type { Page } from '@playwright/test'

import { expect, test } from '../support/test.ts'

/** Whether any script or worker that the page asks for meanwhile holds the code that proves passwords. */
async function loadsPasswordCode(page: Page, use: () => Promise<void>): Promise<boolean> {
  const urls: string[] = []
  const note = (asked: { url(): string }) => void urls.push(asked.url())
  page.on('request', note)
  page.on('worker', note)
  await use()
  await page.waitForLoadState('networkidle')
  page.off('request', note)
  page.off('worker', note)
  const scripts = [...new Set(urls)].filter((url) => new URL(url).pathname.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(3)
  const texts = await Promise.all(scripts.map(async (url) => (await page.request.get(url)).text()))
  return texts.some((text) => text.includes('opaque'))
}

test('the password code is loaded where a password is asked for, and nowhere else', async ({ server, person }) => {
  const anna = await person('Anna')
  await anna.setUp(server)
  const inside = () => anna.page.goto(server.url('/')).then(() => anna.expectInside())
  expect(await loadsPasswordCode(anna.page, inside)).toBe(false)
  const ben = await person('Ben')
  const door = async () => {
    await ben.page.goto(server.url('/'))
    await ben.page.getByLabel('Password', { exact: true }).click()
  }
  expect(await loadsPasswordCode(ben.page, door)).toBe(true)
})
