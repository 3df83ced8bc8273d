import { expectPicture, expectSound, readPeerConnection } from '../support/rtc.ts'
import { expect, test } from '../support/test.ts'

test('a video call goes directly', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start video call').click()
  await expect(ben.ring).toHaveAccessibleName(/Incoming video call/)
  await expect(ben.ring.getByText('Anna')).toBeVisible()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()

  await expectPicture(anna.page)
  await expectPicture(ben.page)
  await expectSound(anna.page)
  for (const one of [anna, ben]) {
    const picture = await one.page.evaluate(readPeerConnection)
    expect(picture.local).not.toBe('relay')
    expect(picture.remote).not.toBe('relay')
    await expect(one.call.getByRole('timer')).toHaveText(/0:0\d/)
  }

  await anna.button('Mute').click()
  await expect(anna.button('Unmute')).toBeVisible()
  await expect(ben.call.getByText(/Anna.s microphone is off/)).toBeAttached()
  await anna.button('Turn camera off').click()
  await expect(anna.button('Turn camera on')).toBeVisible()
  await anna.button('Turn camera on').click()
  await expectPicture(ben.page)

  await anna.button('Call details').click()
  await expect(anna.page.getByText('Direct', { exact: true })).toBeVisible()

  await ben.button('Hang up').click()
  await expect(anna.call).toBeHidden()
  await expect(ben.call).toBeHidden()
  await expect(anna.log.getByText(/Video call/)).toBeVisible()
  await expect(ben.log.getByText(/Video call/)).toBeVisible()
})

test('"Always relay my calls" goes through our relay on both sides', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.visit('/settings/calls')
  await anna.page.getByRole('switch', { name: /Always relay my calls/ }).click()
  await expect(anna.page.getByRole('switch', { name: /Always relay my calls/ })).toBeChecked()
  await anna.visit('/')
  await anna.openDirect(ben)

  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  await expectPicture(ben.page)
  for (const one of [anna, ben]) {
    const picture = await one.page.evaluate(readPeerConnection)
    expect([picture.local, picture.remote]).toEqual(['relay', 'relay'])
  }
  await anna.button('Call details').click()
  await expect(anna.page.getByText(/Relayed/)).toBeVisible()
  await anna.button('Hang up').click()
  await expect(ben.call).toBeHidden()
})

test('with a wrong relay password a relayed call cannot be made', async ({ pair }) => {
  const [anna, ben] = await pair({ wrongRelayPassword: true })
  await anna.visit('/settings/calls')
  await anna.page.getByRole('switch', { name: /Always relay my calls/ }).click()
  await anna.visit('/')
  await anna.openDirect(ben)
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expect(anna.call).toBeHidden({ timeout: 60_000 })
  expect((await ben.page.evaluate(readPeerConnection)).framesDecoded).toBe(0)
})

test('an audio call is declined', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start audio call').click()
  await expect(ben.ring).toHaveAccessibleName(/Incoming audio call/)
  await ben.ring.getByRole('button', { name: 'Decline' }).click()
  await expect(ben.ring).toBeHidden()
  await expect(anna.log.getByText(/declined/i)).toBeVisible()
})

test('an audio call is cancelled', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start audio call').click()
  await expect(ben.ring).toBeVisible()
  await anna.button('Hang up').click()
  await expect(ben.ring).toBeHidden()
  await expect(ben.log.getByText(/missed/i)).toBeVisible()
})

test.describe('with a short ring', () => {
  test.use({ serverOptions: ['--ring-seconds', '3'] })

  test('an audio call is missed', async ({ pair }) => {
    const [anna, ben] = await pair()
    await anna.button('Start audio call').click()
    await expect(ben.ring).toBeVisible()
    await expect(ben.ring).toBeHidden({ timeout: 20_000 })
    await expect(ben.log.getByText(/missed/i)).toBeVisible()
    await expect(anna.log.getByText(/no answer/i)).toBeVisible()
  })
})

test('it rings on all devices and the first accept silences the others', async ({ pair, person }) => {
  const [anna, ben] = await pair()
  const second = await person('Ben')
  await second.signIn()
  await anna.button('Start audio call').click()
  await expect(ben.ring).toBeVisible()
  await expect(second.ring).toBeVisible()
  await second.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expect(ben.ring).toBeHidden()
  await expect(second.call).toBeVisible()
  await expectSound(anna.page)
  await second.button('Hang up').click()
  await expect(anna.call).toBeHidden()
})

test('whoever is in a call is busy', async ({ server, pair, person }) => {
  const [anna, ben] = await pair()
  const link = await anna.invite()
  const cleo = await person('Cleo')
  await cleo.join(link)
  await cleo.openDirect(ben)
  await anna.button('Start audio call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectSound(anna.page)
  await cleo.button('Start audio call').click()
  await expect(cleo.page.getByText(/another call/i).first()).toBeVisible()
  await expect(ben.ring).toBeHidden()
  expect(server.log()).not.toContain('panicked')
})

test('the screen is shared and the sharing stopped', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(ben.page)
  await anna.button('Share screen').click()
  await expect(anna.button('Stop sharing')).toBeVisible()
  await expect(ben.call.getByText(/Anna is sharing/)).toBeAttached()
  await expect
    .poll(async () => (await ben.page.evaluate(readPeerConnection)).width, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(1280)
  await anna.button('Stop sharing').click()
  await expect(anna.button('Share screen')).toBeVisible()
  await expectPicture(ben.page)
})

test('ICE is restarted without ending the call', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(ben.page)
  const ufrag = () =>
    anna.page.evaluate(() => {
      const all = (window as unknown as { peerConnections: RTCPeerConnection[] }).peerConnections
      return /a=ice-ufrag:(\S+)/.exec(all.at(-1)?.localDescription?.sdp ?? '')?.[1]
    })
  const before = await ufrag()
  await anna.page.evaluate(() => window.dispatchEvent(new Event('online')))
  await expect.poll(ufrag).not.toBe(before)
  await expectPicture(anna.page)
  await expectPicture(ben.page)
  await expect(anna.call).toBeVisible()
})

test('a device that vanishes frees the call', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start audio call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectSound(anna.page)
  await ben.page.goto('about:blank')
  await expect(anna.call).toBeHidden({ timeout: 45_000 })
  await expect(anna.log.getByText(/Audio call/)).toBeVisible()
})
