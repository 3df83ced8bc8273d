// What a call does when people do what people do: reload, walk about, type, have no camera.

import { expectPicture, expectSound } from '../support/rtc.ts'
import { expect, test } from '../support/test.ts'

test('a reloaded page takes its call up again', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  for (const one of [ben, anna]) {
    await one.page.reload()
    await one.button('Rejoin').click()
    await expect(one.call).toBeVisible()
    await expectPicture(anna.page)
    await expectPicture(ben.page)
  }
  await anna.button('Hang up').click()
  await expect(ben.call).toBeHidden()
})

test('a call follows to other conversations as a small card', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  await anna.open('Everyone')
  await expect(anna.button('Back to the call')).toBeVisible()
  await expect(anna.call.getByRole('timer')).toBeVisible()
  await anna.write('Still talking')
  await expectPicture(anna.page)
  await anna.button('Back to the call').click()
  await expect(anna.page.getByRole('heading', { name: 'Ben' })).toBeVisible()
  await expect(anna.button('Call details')).toBeVisible()
  await anna.button('Hang up').click()
  await expect(ben.call).toBeHidden()
})

test('a ring takes neither focus nor letters; keys work while nobody writes', async ({ pair }) => {
  const [anna, ben] = await pair()
  const box = ben.page.getByRole('textbox', { name: 'Message' })
  await box.fill('I am wri')
  await anna.button('Start audio call').click()
  await expect(ben.ring).toBeVisible()
  await expect.poll(() => ben.page.title()).toMatch(/Anna is calling/)
  await ben.page.keyboard.type('ting')
  await expect(box).toHaveValue('I am writing')
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectSound(anna.page)
  await box.focus()
  await ben.page.keyboard.type(' mmm')
  await expect(box).toHaveValue('I am writing mmm')
  await expect(ben.button('Mute')).toBeVisible()
  await ben.page.keyboard.press('Control+d')
  await expect(ben.button('Unmute')).toBeVisible()
  await ben.button('Unmute').focus()
  await ben.page.keyboard.press('m')
  await expect(ben.button('Mute')).toBeVisible()
  await ben.page.keyboard.press('v')
  await expect(ben.button('Turn camera off')).toBeVisible()
  await expectPicture(anna.page)
  await ben.button('Hang up').click()
  await expect(anna.call).toBeHidden()
})

test('without a permitted camera the call goes on, and says what to do', async ({ pair }) => {
  const [anna, ben] = await pair()
  // As a browser does after "block": the headless one cannot ask.
  await ben.page.evaluate(() => {
    const media = navigator.mediaDevices
    const original = media.getUserMedia.bind(media)
    media.getUserMedia = (constraints) =>
      constraints?.video
        ? Promise.reject(new DOMException('Permission denied', 'NotAllowedError'))
        : original(constraints)
  })
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(ben.page)
  await expectSound(anna.page)
  await expect(ben.call.getByText('The browser may not use your camera.')).toBeVisible()
  await expect(ben.call.getByText(/You can be heard, but not be seen/)).toBeVisible()
  await ben.button('Hang up').click()
  await expect(anna.call).toBeHidden()
})

test('hanging up frees camera and microphone on both sides', async ({ pair }) => {
  const [anna, ben] = await pair()
  for (const one of [anna, ben]) {
    await one.page.evaluate(() => {
      const tracks: MediaStreamTrack[] = []
      Object.assign(window, { tracks })
      const media = navigator.mediaDevices
      const original = media.getUserMedia.bind(media)
      media.getUserMedia = async (constraints) => {
        const stream = await original(constraints)
        tracks.push(...stream.getTracks())
        return stream
      }
    })
  }
  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  await anna.button('Hang up').click()
  await expect(ben.call).toBeHidden()
  for (const one of [anna, ben]) {
    const states = await one.page.evaluate(() =>
      (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map((track) => track.readyState),
    )
    expect(states).toEqual(['ended', 'ended'])
  }
})
