// The check of the connection: what it finds where all is well, and where something is blocked.

import type { Page } from '@playwright/test'

import { expectAccessible } from '../support/axe.ts'
import { expect, test } from '../support/test.ts'

/** The line about one thing. */
function line(page: Page, title: string | RegExp) {
  return page.getByRole('list', { name: 'What was checked' }).getByRole('listitem').filter({ hasText: title })
}

async function expectNoOverflow(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(overflow, 'nothing is wider than the screen').toBeLessThanOrEqual(0)
}

test.describe('where all is well', () => {
  test.use({ serverOptions: ['--turns-listen=127.0.0.1:0'] })

  test('every way to the relay is tried and found to work', async ({ server, person }) => {
    const anna = await person('Anna', { permissions: ['clipboard-read', 'clipboard-write', 'camera', 'microphone'] })
    await anna.setUp(server)
    await anna.visit('/settings/calls')
    await anna.page.getByRole('link', { name: 'Check the connection' }).click()
    // By keyboard alone.
    await anna.button('Start the check').focus()
    await anna.page.keyboard.press('Enter')
    await expect(anna.page.getByRole('progressbar', { name: 'Check the connection' })).toBeVisible()
    await expect(anna.page.getByRole('status').filter({ hasText: 'Everything is fine' })).toBeVisible({ timeout: 45_000 })
    for (const way of [/Relay over UDP, port \d+/, /Relay over TCP, port \d+/, /Relay over TLS, port \d+/]) {
      for (const row of await line(anna.page, way).all()) await expect(row).toContainText(/It works.* ms there and back/)
      await expect(line(anna.page, way).first()).toBeVisible()
    }
    await expect(line(anna.page, 'Speed and loss')).toContainText('Enough for a video call')
    await expect(line(anna.page, 'Live connection')).toContainText('come at once')
    await expect(line(anna.page, 'Camera')).toContainText('It is there')

    await anna.button('Copy report').click()
    await expect(anna.button('Copied')).toBeVisible()
    const report = await anna.page.evaluate(() => navigator.clipboard.readText())
    expect(report).toContain(`localhost:${server.port}`)
    expect(report).toMatch(/^\[Fine\] Relay over UDP, port \d+: It works/m)
    expect(report).not.toContain('Anna')
    await expectAccessible(anna.page, 'the check')

    // It stays on this device.
    await anna.page.reload()
    await expect(anna.page.getByText(/^Last checked /)).toBeVisible()
    await expect(line(anna.page, 'Speed and loss')).toContainText('Enough for a video call')

    await anna.button('Check again').click()
    await anna.button('Cancel').click()
    await expect(anna.page.getByRole('status').filter({ hasText: 'cancelled' })).toBeVisible()
    await expect(anna.button('Check again')).toBeVisible()
  })

  test('without an account it does what it can', async ({ server, person }) => {
    const anna = await person('Anna')
    await anna.setUp(server)
    const ben = await person('Ben')
    await ben.visit('/check')
    await ben.button('Start the check').click()
    await expect(line(ben.page, 'Relay for calls')).toContainText('sign in first', { timeout: 30_000 })
    await expect(line(ben.page, /^Server/)).toContainText(/answers in \d+ ms/)
    await expect(ben.button('Check again')).toBeVisible()
    await expectAccessible(ben.page, 'the check without an account', ['phone'])
    await ben.page.getByRole('link', { name: 'Sign in for the whole check' }).click()
    await expect(ben.button('Sign in')).toBeVisible()
  })
})

test.describe('where UDP does not get through', () => {
  // The relay listens where the browser does not look; by TCP it is on the port of the pages, too.
  test.use({ serverOptions: ['--turn-listen=127.0.0.2:0'] })

  test('it says so and what to do, on a phone in the dark', async ({ server, person }) => {
    const anna = await person('Anna', { phone: true, colorScheme: 'dark' })
    await anna.setUp(server)
    await anna.visit('/check?run')
    await expect(anna.page.getByRole('status').filter({ hasText: 'Calls work from here' })).toBeVisible({ timeout: 60_000 })
    await expect(line(anna.page, /^UDP/)).toContainText('It is blocked')
    await expect(line(anna.page, /^UDP/)).toContainText("let UDP to the server's relay ports out")
    await expect(line(anna.page, /Relay over UDP/)).toContainText('Nothing comes back')
    await expect(line(anna.page, new RegExp(`Relay over TCP, port ${server.port}`))).toContainText('It works')
    await expect(line(anna.page, 'Speed and loss')).toContainText('Mbit/s')
    await expectNoOverflow(anna.page)
  })
})

test('a call that failed offers the check', async ({ pair }) => {
  const [anna, ben] = await pair({ wrongRelayPassword: true })
  await anna.visit('/settings/calls')
  await anna.page.getByRole('switch', { name: /Always relay my calls/ }).click()
  await anna.visit('/')
  await anna.openDirect(ben)
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await anna.button('Check the connection').click({ timeout: 60_000 })
  await expect(anna.page.getByRole('heading', { name: 'Check the connection' })).toBeVisible()
  // It has begun by itself, and finds what made the call fail.
  await expect(line(anna.page, /Relay over UDP/)).toContainText(/The relay answers and refuses|Nothing comes back/, { timeout: 45_000 })
  await expect(anna.page.getByRole('status').filter({ hasText: 'Something does not work' })).toBeVisible({ timeout: 60_000 })
})
