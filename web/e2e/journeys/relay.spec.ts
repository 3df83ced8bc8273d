// Calls that can only go through our relay, over each of its transports.

import type { Browser, Page } from 'puppeteer-core'

import { joinInFirefox, launchFirefox } from '../support/firefox.ts'
import type { Person } from '../support/people.ts'
import {
  expectPicture,
  keepOneTransport,
  readPeerConnection,
  recordPeerConnections,
  type Transport,
} from '../support/rtc.ts'
import type { Server } from '../support/server.ts'
import { expect, test } from '../support/test.ts'

const TRANSPORTS: Transport[] = ['udp', 'tcp', 'tls']

test.use({ serverOptions: ['--turns-listen=127.0.0.1:0'] })

/** Packets that the server says to have relayed, from clients and to them, over this transport. */
async function relayed(server: Server, anna: Person, transport: Transport): Promise<[number, number]> {
  const metrics = await (await anna.context.request.get(server.url('/metrics'))).text()
  const packets = (direction: string) => {
    const labels = `leg="client",transport="${transport}",direction="${direction}"`
    const line = metrics.split('\n').find((text) => text.startsWith(`callbox_relay_packets_total{${labels}}`))
    return Number(line?.split(' ').at(-1))
  }
  return [packets('in'), packets('out')]
}

async function alwaysRelay(anna: Person): Promise<void> {
  await anna.visit('/settings/calls')
  await anna.page.getByRole('switch', { name: /Always relay my calls/ }).click()
  await anna.visit('/')
}

/** The entry of the call, once it is there, says how much went through the server. */
async function expectUsage(anna: Person): Promise<void> {
  await expect(anna.log.getByText(/^Through this server, .*(kB|MB)$/)).toBeVisible()
}

for (const transport of TRANSPORTS) {
  test(`Chromium relays a call over ${transport}`, async ({ server, pair }) => {
    const [anna, ben] = await pair({ transport }, { transport })
    await alwaysRelay(anna)
    await anna.openDirect(ben)
    await anna.button('Start video call').click()
    await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
    await expectPicture(anna.page)
    await expectPicture(ben.page)
    for (const one of [anna, ben]) {
      const picture = await one.page.evaluate(readPeerConnection)
      expect([picture.local, picture.remote, picture.relayProtocol]).toEqual(['relay', 'relay', transport])
    }
    const before = await relayed(server, anna, transport)
    await expectPicture(anna.page)
    const after = await relayed(server, anna, transport)
    expect(Math.min(after[0] - before[0], after[1] - before[1])).toBeGreaterThan(20)
    for (const other of TRANSPORTS.filter((other) => other !== transport)) {
      expect(await relayed(server, anna, other)).toEqual([0, 0])
    }
    await anna.button('Hang up').click()
    await expect(ben.call).toBeHidden()
    await expectUsage(anna)
    await expectUsage(ben)
  })
}

test.describe('with Firefox', () => {
  let firefox: Browser
  test.beforeAll(async () => {
    firefox = await launchFirefox()
  })
  test.afterAll(async () => {
    await firefox.close()
  })

  for (const transport of TRANSPORTS) {
    test(`Firefox and Chromium relay a call over ${transport}`, async ({ server, person }) => {
      const anna = await person('Anna', { transport })
      await anna.setUp(server)
      const link = await anna.invite()
      const page = await (await firefox.createBrowserContext()).newPage()
      await page.setViewport({ width: 1280, height: 800 })
      await page.evaluateOnNewDocument(recordPeerConnections)
      await page.evaluateOnNewDocument(keepOneTransport, transport)
      await joinInFirefox(page, server.url(link), 'Ben')
      await alwaysRelay(anna)
      await anna.page.getByRole('button', { name: 'New conversation' }).first().click()
      await anna.page.getByRole('dialog').getByText('Ben', { exact: true }).click()
      await anna.button('Start video call').click()
      await page.locator('::-p-aria([name="Accept"][role="button"])').setTimeout(20_000).click()
      await expectPicture(anna.page)
      await expectFirefoxPicture(page)
      const picture = await page.evaluate(readPeerConnection)
      expect([picture.local, picture.remote]).toEqual(['relay', 'relay'])
      const after = await relayed(server, anna, transport)
      expect(Math.min(...after)).toBeGreaterThan(20)
      for (const other of TRANSPORTS.filter((other) => other !== transport)) {
        expect(await relayed(server, anna, other)).toEqual([0, 0])
      }
      await anna.button('Hang up').click()
      await expectUsage(anna)
      await page.close()
    })
  }

  async function expectFirefoxPicture(page: Page): Promise<void> {
    const decoded = async () => (await page.evaluate(readPeerConnection)).framesDecoded
    const before = await decoded()
    await expect.poll(async () => (await decoded()) - before, { timeout: 30_000 }).toBeGreaterThan(20)
  }
})
