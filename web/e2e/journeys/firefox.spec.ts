import type { Browser, Page } from 'puppeteer-core'

import type { Person } from '../support/people.ts'
import { expectPicture, readPeerConnection, recordPeerConnections } from '../support/rtc.ts'
import type { Server } from '../support/server.ts'
import { expect, test } from '../support/test.ts'
import { joinInFirefox, launchFirefox } from '../support/firefox.ts'

test.describe('Chromium with Firefox', () => {
  let firefox: Browser
  test.beforeAll(async () => {
    firefox = await launchFirefox()
  })
  test.afterAll(async () => {
    await firefox.close()
  })

  /** Ben joins with Firefox and waits in the direct conversation with Anna. */
  async function joinWithFirefox(server: Server, anna: Person): Promise<Page> {
    const link = await anna.invite()
    const page = await (await firefox.createBrowserContext()).newPage()
    await page.setViewport({ width: 1280, height: 800 })
    await page.evaluateOnNewDocument(recordPeerConnections)
    await joinInFirefox(page, server.url(link), 'Ben')
    return page
  }

  async function framesDecoded(page: Page): Promise<number> {
    return (await page.evaluate(readPeerConnection)).framesDecoded
  }

  async function expectFirefoxPicture(page: Page): Promise<void> {
    const before = await framesDecoded(page)
    await expect
      .poll(async () => (await framesDecoded(page)) - before, { timeout: 30_000 })
      .toBeGreaterThan(20)
  }

  test('a video call goes directly', async ({ server, person }) => {
    const anna = await person('Anna')
    await anna.setUp(server)
    const ben = await joinWithFirefox(server, anna)
    await anna.open('Everyone')
    await anna.write('Hello Firefox')
    await ben.locator('::-p-text(Hello Firefox)').wait()

    await anna.page.bringToFront()
    await anna.visit('/')
    await openDirectByName(anna, 'Ben')
    await anna.button('Start video call').click()
    await ben.locator('::-p-aria([name="Accept"][role="button"])').setTimeout(20_000).click()
    await expectPicture(anna.page)
    await expectFirefoxPicture(ben)
    await anna.button('Hang up').click()
    await ben.close()
  })

  test('a relay-only call: channels on one side, Send indications on the other', async ({
    server,
    person,
  }) => {
    const anna = await person('Anna')
    await anna.setUp(server)
    const ben = await joinWithFirefox(server, anna)
    await anna.visit('/settings/calls')
    await anna.page.getByRole('switch', { name: /Always relay my calls/ }).click()
    await anna.visit('/')
    await openDirectByName(anna, 'Ben')
    await anna.button('Start video call').click()
    await ben.locator('::-p-aria([name="Accept"][role="button"])').setTimeout(20_000).click()
    await expectPicture(anna.page)
    await expectFirefoxPicture(ben)
    const picture = await anna.page.evaluate(readPeerConnection)
    expect([picture.local, picture.remote]).toEqual(['relay', 'relay'])
    await anna.button('Hang up').click()
    await ben.close()
  })

  test('the check tries every way to the relay', async ({ server, person }) => {
    test.slow()
    const anna = await person('Anna')
    await anna.setUp(server)
    const ben = await joinWithFirefox(server, anna)
    await ben.goto(server.url('/check?run'))
    const rows = () =>
      ben.$$eval('main ol[aria-labelledby] > li', (items) => items.map((item) => item.textContent ?? ''))
    for (const way of ['Relay over UDP', 'Relay over TCP']) {
      await expect
        .poll(async () => (await rows()).filter((row) => row.startsWith(way)), { timeout: 60_000 })
        .toEqual(expect.arrayContaining([expect.stringMatching(/It works/)]))
    }
    await expect.poll(rows, { timeout: 30_000 }).toEqual(expect.arrayContaining([expect.stringMatching(/^Speed and loss.*Mbit/)]))
    expect((await rows()).filter((row) => /Does not work/.test(row))).toEqual([])
    await ben.close()
  })

  async function openDirectByName(anna: Person, name: string): Promise<void> {
    await anna.page.getByRole('button', { name: 'New conversation' }).first().click()
    await anna.page.getByRole('dialog').getByText(name, { exact: true }).click()
    await expect(anna.page.getByRole('heading', { name })).toBeVisible()
  }
})
