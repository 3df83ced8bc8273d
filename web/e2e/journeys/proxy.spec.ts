// Behind somebody's proxy, with the settings that are published: people notice nothing of it.

import { Nginx } from '../support/nginx.ts'
import { expectPicture, readPeerConnection } from '../support/rtc.ts'
import { expect, test as base } from '../support/test.ts'

const test = base.extend<{ nginx: Nginx }>({
  nginx: async ({ server }, use) => {
    const nginx = await Nginx.before(server.port)
    await use(nginx)
    await nginx.stop()
  },
})

test.use({ serverOptions: ['--behind-proxy=127.0.0.1'] })

test('people sign up, write and call through nginx, and are seen where they are', async ({ server, nginx, person }) => {
  const anna = await person('Anna', { port: nginx.port })
  await anna.setUp(server)
  const ben = await person('Ben', { port: nginx.port })
  await ben.join(await anna.invite())
  await anna.open('Everyone')
  await anna.write('Through the proxy')
  await ben.open('Everyone')
  await expect(ben.message('Through the proxy')).toBeVisible()

  // Nginx itself is at 127.0.0.1.
  await anna.visit('/settings/devices')
  await expect(anna.page.getByRole('listitem').filter({ hasText: 'This device' })).toContainText('::/')

  await anna.visit('/settings/calls')
  await anna.page.getByRole('switch', { name: /Always relay my calls/ }).click()
  await anna.visit('/')
  await anna.openDirect(ben)
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  await expectPicture(ben.page)
  const { local, remote } = await anna.page.evaluate(readPeerConnection)
  expect([local, remote]).toEqual(['relay', 'relay'])
  await anna.button('Hang up').click()
  await expect(ben.call).toBeHidden()
})
