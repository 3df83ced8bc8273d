// A new device that another one lets in: by six words, by its code, and not at all.

import { createHash } from 'node:crypto'

import type { Locator, Page } from '@playwright/test'

import { decodeQR } from '../../node_modules/qr/decode.js'
import { wordlist } from '../../node_modules/@scure/bip39/wordlists/english.js'
import { expectAccessible } from '../support/axe.ts'
import { PASSWORD, type Person } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

/** Goes to where a new device shows its code; tells the words. */
async function ask(device: Person): Promise<string[]> {
  await device.visit('/')
  await device.page.getByRole('link', { name: 'Use another device instead' }).click()
  const words = device.page.getByTestId('approval-words').locator('span:last-child')
  await expect(words).toHaveCount(6)
  return words.allTextContents()
}

/** What the code on a page says, from the squares that are drawn. */
async function read(code: Locator): Promise<string> {
  const size = Number((await code.getAttribute('viewBox'))?.split(' ')[2])
  const path = (await code.locator('path').getAttribute('d')) ?? ''
  const [width, height] = [size * SCALE, size * SCALE]
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)/g)) {
    for (let dy = 0; dy < SCALE; dy++) {
      const from = (Number(y) * SCALE + dy) * width + Number(x) * SCALE
      for (let at = from; at < from + SCALE; at++) data.fill(0, at * 4, at * 4 + 3)
    }
  }
  return decodeQR({ data, width, height })
}

const SCALE = 6

/** The words of a key, worked out here once more. */
function wordsOf(key: Buffer): string[] {
  const hash = createHash('sha256').update('callbox/e2ee/1/approval\0').update(key).digest()
  const bits = [...hash.subarray(0, 9)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return Array.from({ length: 6 }, (_, i) => wordlist[Number.parseInt(bits.slice(11 * i, 11 * i + 11), 2)] ?? '')
}

async function typeWords(page: Page, words: readonly string[]): Promise<void> {
  for (const [i, word] of words.entries()) {
    await page.getByLabel(`Word ${i + 1}`).fill(word)
  }
}

async function confirm(page: Page): Promise<void> {
  await page.getByLabel('Confirm your password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Let this device in' }).click()
}

test('a second device is let in by six words and reads the whole history', async ({ pair, person }) => {
  const [anna, ben] = await pair()
  await anna.write('only for us')
  await expect(ben.message('only for us')).toBeVisible()

  const second = await person('Ben')
  const words = await ask(second)
  const code = await read(second.page.getByRole('img', { name: 'QR code for your other device' }))
  const link = new URL(code)
  expect(link.pathname).toBe('/approve')
  expect(wordsOf(Buffer.from(link.hash.slice(1), 'base64url'))).toEqual(words)

  await ben.visit('/settings/devices')
  await ben.page.getByRole('link', { name: 'Add a device' }).click()
  // A word that is none, then one that nobody shows; then the first letters are enough.
  await typeWords(ben.page, ['qwertz', ...words.slice(1)])
  await expect(ben.page.getByText('“qwertz” is not one of the words.')).toBeVisible()
  await typeWords(ben.page, [words[0] === 'zoo' ? 'zone' : 'zoo', ...words.slice(1)])
  await ben.button('Find the device').click()
  await expect(ben.page.getByText(/No device with these words is waiting/)).toBeVisible()
  await typeWords(ben.page, words.map((word) => word.slice(0, 4)))
  await ben.button('Find the device').click()

  await expect(ben.page.getByRole('heading', { name: 'Is this you?' })).toBeVisible()
  await expect(ben.page.getByText(/^Chrome on Linux, just now$/)).toBeVisible()
  expect(await ben.page.getByTestId('approval-words').locator('span:last-child').allTextContents()).toEqual(words)
  await ben.page.getByLabel('Confirm your password', { exact: true }).fill('not my password')
  await ben.button('Let this device in').click()
  await expect(ben.page.getByText('That is not your password.')).toBeVisible()
  await confirm(ben.page)
  await expect(ben.page.getByRole('heading', { name: 'Chrome on Linux is in' })).toBeVisible()

  await second.expectInside()
  await second.open('Anna')
  await expect(second.message('only for us')).toBeVisible()
  await second.write('from my new device')
  await expect(anna.message('from my new device')).toBeVisible()
  await expect(ben.page.getByText(/New sign-in to your account/)).toBeVisible()
  await ben.page.getByRole('link', { name: 'To your devices' }).click()
  await expect(ben.page.getByRole('button', { name: /Sign out Chrome on Linux/ })).toBeVisible()
})

test('the code leads a phone to the question; a key that the server swapped is refused', async ({ server, person }) => {
  const olga = await person('Olga')
  await olga.setUp(server)
  const second = await person('Olga')
  const words = await ask(second)
  const link = new URL(await read(second.page.getByRole('img', { name: 'QR code for your other device' })))

  await olga.visit(link.pathname + link.hash)
  await expect(olga.page.getByRole('heading', { name: 'Is this you?' })).toBeVisible()
  expect(new URL(olga.page.url()).hash).toBe('')
  expect(await olga.page.getByTestId('approval-words').locator('span:last-child').allTextContents()).toEqual(words)
  await olga.button('No, this is not me').click()
  await expect(olga.page.getByRole('heading', { name: 'Devices' })).toBeVisible()
  // The new device hears of it, and may ask again.
  await expect(second.page.getByText(/said that this is not you/)).toBeVisible()
  await second.button('Show a new code').click()
  const again = second.page.getByTestId('approval-words').locator('span:last-child')
  await expect(again).toHaveCount(6)
  const newWords = await again.allTextContents()
  expect(newWords).not.toEqual(words)

  await olga.page.route('**/api/v1/approvals/find', async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ json: { ...(await answer.json()), request: Buffer.alloc(32, 9).toString('base64url') } })
  })
  await olga.page.getByRole('link', { name: 'Add a device' }).click()
  // All of them at once, as from a clipboard.
  await typeWords(olga.page, [newWords.join(' ')])
  await olga.button('Find the device').click()
  await expect(olga.page.getByText(/The server told of another device/)).toBeVisible()
  await expect(olga.page.getByRole('heading', { name: 'Is this you?' })).toBeHidden()

  await olga.page.unroute('**/api/v1/approvals/find')
  await olga.button('Find the device').click()
  await confirm(olga.page)
  await second.expectInside()
})

test('its pages are accessible', async ({ server, person }) => {
  const olga = await person('Olga')
  await olga.setUp(server)
  const second = await person('Olga')
  const words = await ask(second)
  await expectAccessible(second.page, 'code of a new device')
  await olga.visit('/approve')
  await olga.page.getByLabel('Word 1').fill('ac')
  await expect(olga.button('access')).toBeVisible()
  await expectAccessible(olga.page, 'words of a new device')
  await typeWords(olga.page, words)
  await olga.button('Find the device').click()
  await expect(olga.page.getByRole('heading', { name: 'Is this you?' })).toBeVisible()
  await expectAccessible(olga.page, 'question about a new device')
})
