import { writeFileSync } from 'node:fs'

import { Person } from '../support/people.ts'
import { chromiumFlags, expect, launchChromium, test } from '../support/test.ts'

/** Opens somebody's page from the list of people. */
async function openPage(who: Person, name: string): Promise<void> {
  await who.visit('/people')
  await who.page.getByRole('main').getByRole('link', { name, exact: true }).click()
  await expect(who.page.getByRole('heading', { name: 'Safety number' })).toBeVisible()
}

const digits = (who: Person) => who.page.getByRole('group', { name: 'Safety number' })

const badge = (who: Person) => who.page.getByRole('heading', { level: 1 }).locator('..').getByText('Verified', { exact: true })

test('both see one safety number; who has compared it is shown as verified on all devices', async ({ pair, person }) => {
  const [anna, ben] = await pair()
  await openPage(anna, 'Ben')
  await openPage(ben, 'Anna')
  await expect(digits(anna)).toHaveText(/^\d{60}$/)
  const number = await digits(anna).innerText()
  await expect(digits(ben)).toHaveText(number.replaceAll(/\s/g, ''))

  await anna.button('They match').click()
  await expect(anna.page.getByText('That holds for all their devices and all calls', { exact: false })).toBeVisible()
  await anna.visit('/')
  await anna.open('Ben')
  await expect(badge(anna)).toBeVisible()

  const second = await person('Anna')
  await second.signIn()
  await second.open('Ben')
  await expect(badge(second)).toBeVisible()
  // Ben has not compared anything.
  await ben.visit('/')
  await ben.open('Anna')
  await expect(badge(ben)).toHaveCount(0)
})

test('a camera on the other one’s code verifies; on another code it does not', async ({ server, person }, info) => {
  const film = info.outputPath('camera.y4m')
  // The device is looked for at once, so there is a picture from the beginning.
  writeFileSync(film, yuv(Buffer.alloc(WIDTH * HEIGHT, 255)))
  const withCamera = await launchChromium([...chromiumFlags, `--use-file-for-fake-video-capture=${film}`])
  try {
    const anna = await person('Anna')
    await anna.setUp(server)
    const link = await anna.invite()
    const ben = await Person.at(withCamera, server, 'Ben', { permissions: ['camera'] })
    await ben.join(link)
    await openPage(anna, 'Ben')
    await openPage(ben, 'Anna')

    // A code of somebody else's page: here his own.
    writeFileSync(film, await filmed(ben))
    await ben.button('Scan their code').click()
    const dialog = ben.page.getByRole('dialog', { name: 'Scan their code' })
    await expect(dialog.getByText('This is not the code of the two of you', { exact: false })).toBeVisible({ timeout: 30_000 })
    await dialog.getByRole('button', { name: 'Close' }).first().click()
    await expect(dialog).toBeHidden()
    await expect(ben.button('They match')).toBeVisible()

    writeFileSync(film, await filmed(anna))
    await ben.button('Scan their code').click()
    await expect(ben.page.getByText('Anna is verified.', { exact: true })).toBeVisible({ timeout: 30_000 })
    await expect(ben.button('Not verified after all')).toBeVisible()
  } finally {
    await withCamera.close()
  }
})

test('e22 in a call both see the same seven pictures, and that verifies', async ({ pair }) => {
  const devices = { permissions: ['microphone', 'camera'] }
  const [anna, ben] = await pair(devices, devices)
  await anna.button('Start audio call').click()
  await ben.ring.getByRole('button', { name: 'Accept' }).click()
  await anna.call.getByRole('button', { name: 'More' }).click()
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Verify this call' }).click()
  await anna.button('Show the pictures').click()
  // He is told, and comes by that.
  await ben.call.getByRole('button', { name: 'Verify this call' }).click()
  await ben.button('Show the pictures').click()
  const seen = (who: Person) => who.page.getByRole('list').filter({ has: who.page.locator('.text-3xl') }).getByRole('listitem')
  await expect(seen(anna)).toHaveCount(7)
  await expect(seen(ben)).toHaveCount(7)
  expect(await seen(anna).allInnerTexts()).toEqual(await seen(ben).allInnerTexts())
  for (const one of [anna, ben]) {
    await one.button('They match').click()
    await expect(one.page.getByText(/is verified, in this and in all other calls/).first()).toBeVisible()
  }
  await anna.button('Hang up').click()
  await expect(badge(anna)).toBeVisible()
})

/** A film of the code on somebody's page, as a camera would see it: raw YUV, of which only the brightness is used. */
async function filmed(who: Person): Promise<Buffer> {
  const code = who.page.getByRole('img', { name: 'Safety number as a QR code' })
  const picture = (await code.screenshot()).toString('base64')
  const brightness = await who.page.evaluate(
    async ({ picture, width, height }) => {
      const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0))
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      const canvas = new OffscreenCanvas(width, height)
      const context = canvas.getContext('2d')
      if (!context) throw new Error('no canvas')
      context.fillStyle = 'white'
      context.fillRect(0, 0, width, height)
      const side = height * 0.8
      context.drawImage(bitmap, (width - side) / 2, (height - side) / 2, side, side)
      const { data } = context.getImageData(0, 0, width, height)
      let text = ''
      for (let i = 0; i < width * height; i++) text += String.fromCharCode(data[i * 4] ?? 0)
      return btoa(text)
    },
    { picture, width: WIDTH, height: HEIGHT },
  )
  return yuv(Buffer.from(brightness, 'base64'))
}

/** Two frames of one grey picture in the form that Chromium takes for a camera. */
function yuv(brightness: Buffer): Buffer {
  const frame = Buffer.concat([Buffer.from('FRAME\n'), brightness, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)])
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), frame, frame])
}

const [WIDTH, HEIGHT] = [640, 480]
