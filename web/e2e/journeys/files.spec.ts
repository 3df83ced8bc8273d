import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import type { Locator } from '@playwright/test'

import { Cable } from '../support/cable.ts'
import { joinInFirefox, launchFirefox } from '../support/firefox.ts'
import { animated, bomb, film, picture, type SentFile, wave } from '../support/media.ts'
import type { Person } from '../support/people.ts'
import { expect, test } from '../support/test.ts'

async function choose(person: Person, files: SentFile | SentFile[]): Promise<Locator> {
  const chooser = person.page.waitForEvent('filechooser')
  await person.button('Attach files').click()
  await (await chooser).setFiles(files)
  return person.page.getByRole('dialog')
}

async function send(person: Person, files: SentFile | SentFile[], caption = ''): Promise<void> {
  const dialog = await choose(person, files)
  await dialog.getByRole('textbox', { name: 'Add a message' }).fill(caption)
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(dialog).toBeHidden()
}

async function saved(person: Person, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([person.page.waitForEvent('download'), button.click()])
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
}

const uploads = (person: Person) => person.page.getByRole('list', { name: 'Files on their way' })
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

test('a picture: caption, thumbnail, viewer by keys, saved as it was', async ({ pair }) => {
  const [anna, ben] = await pair()
  const first = picture('first.png', 1600, 900)
  await send(anna, first, 'Look at this')
  await send(anna, picture('second.png', 300, 600))
  await expect(ben.message('Look at this')).toBeVisible()
  const thumbnail = ben.log.getByRole('img', { name: 'Picture: first.png' })
  await expect(thumbnail).toBeVisible()
  const width = await thumbnail.evaluate((image: HTMLImageElement) => image.naturalWidth)
  expect(width).toBe(720)

  await ben.button('Open first.png').focus()
  await ben.page.keyboard.press('Enter')
  const viewer = ben.page.getByRole('dialog', { name: /Picture viewer/ })
  const shown = viewer.getByRole('img', { name: 'Picture: first.png' })
  await expect(shown).toBeVisible()
  expect(await shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1600)
  await ben.page.keyboard.press('+')
  await expect(shown).toHaveCSS('transform', /matrix\(1\.5, 0, 0, 1\.5/)
  await ben.page.keyboard.press('0')
  await ben.page.keyboard.press('ArrowRight')
  await expect(viewer.getByRole('img', { name: 'Picture: second.png' })).toBeVisible()
  await viewer.getByRole('button', { name: 'Previous picture' }).click()
  const copy = await saved(ben, viewer.getByRole('button', { name: 'Save first.png' }))
  expect(copy.name).toBe('first.png')
  expect(copy.bytes.equals(first.buffer)).toBe(true)
  await ben.page.keyboard.press('Escape')
  await expect(viewer).toBeHidden()
  await expect(ben.button('Open first.png')).toBeFocused()
})

test('a video plays, and a long sound seeks without being loaded whole', async ({ server, person }) => {
  const cable = await Cable.to(server.port)
  try {
    const anna = await person('Anna')
    await anna.setUp(server)
    const ben = await person('Ben', { port: cable.port })
    await ben.join(await anna.invite())
    await anna.open('Everyone')
    await ben.open('Everyone')
    await send(anna, await film(anna.page, 'film.webm'))
    await ben.button('Play film.webm').click()
    const video = ben.log.locator('video')
    await expect.poll(() => video.evaluate((v: HTMLVideoElement) => v.currentTime)).toBeGreaterThan(0.5)
    expect(await video.evaluate((v: HTMLVideoElement) => new URL(v.currentSrc).pathname)).toMatch(/^\/media\//)

    const tone = wave('tone.wav', 240)
    await send(anna, tone)
    await expect(ben.button('Play tone.wav')).toBeVisible({ timeout: 60_000 })
    const before = cable.received
    await ben.button('Play tone.wav').click()
    const audio = ben.log.locator('audio')
    await expect.poll(() => audio.evaluate((a: HTMLAudioElement) => a.duration)).toBe(240)
    await audio.evaluate((a: HTMLAudioElement) => {
      a.currentTime = 200
    })
    await expect.poll(() => audio.evaluate((a: HTMLAudioElement) => a.currentTime)).toBeGreaterThan(200.3)
    expect(cable.received - before).toBeLessThan(tone.buffer.length / 2)
  } finally {
    cable.close()
  }
})

test('30 MB survive a lost network and a reload', async ({ server, person }) => {
  const cable = await Cable.to(server.port)
  try {
    const anna = await person('Anna', { port: cable.port })
    await anna.setUp(server)
    const ben = await person('Ben')
    await ben.join(await anna.invite())
    await anna.open('Everyone')
    await ben.open('Everyone')
    cable.slow(4_000_000)
    const large = { name: 'large.bin', mimeType: '', buffer: randomBytes(30_000_000) }
    await send(anna, large, 'Here it is')
    await expect(uploads(anna)).toContainText(/Sending, \d{2} %/, { timeout: 30_000 })
    cable.pull()
    await expect(uploads(anna)).toContainText('Waiting for the connection')
    cable.plugIn()
    await expect(uploads(anna)).toContainText(/Sending, \d\d %/, { timeout: 45_000 })
    await anna.page.reload()
    await expect(uploads(anna)).toContainText(/Sending, [1-9]\d %/, { timeout: 30_000 })
    cable.slow(Infinity)
    await expect(ben.message('Here it is')).toBeVisible({ timeout: 60_000 })
    await expect(uploads(anna)).toBeHidden()
    const copy = await saved(ben, ben.button('Save large.bin'))
    expect(sha256(copy.bytes)).toBe(sha256(large.buffer))
    await expect(anna.message('Here it is')).toHaveCount(1)
  } finally {
    cable.close()
  }
})

test('an upload that is stopped leaves nothing behind', async ({ server, person }) => {
  const cable = await Cable.to(server.port)
  try {
    const anna = await person('Anna', { port: cable.port })
    await anna.setUp(server)
    await anna.open('Everyone')
    cable.slow(2_000_000)
    await send(anna, { name: 'never.bin', mimeType: '', buffer: randomBytes(20_000_000) })
    await expect(uploads(anna)).toContainText(/Sending, \d/, { timeout: 30_000 })
    await anna.button('Stop sending never.bin').click()
    await expect(uploads(anna)).toBeHidden()
    cable.slow(Infinity)
    const usage = () => anna.page.evaluate(async () => (await fetch('/api/v1/files')).json())
    await expect.poll(usage).toMatchObject({ used: 0, files: 0 })
    await anna.page.goto(`https://localhost:${cable.port}/settings/profile`)
    await expect(anna.page.getByText(/^0 bytes of 5\.4 GB used$/)).toBeVisible()
  } finally {
    cable.close()
  }
})

test('files dropped and pasted are offered, and others are not opened', async ({ pair }) => {
  const [anna, ben] = await pair()
  const give = (how: 'drop' | 'paste', name: string, type: string, text: string) =>
    anna.page.evaluate(
      ([how, name, type, text]) => {
        const data = new DataTransfer()
        data.items.add(new File([text], name, { type }))
        const field = document.querySelector('textarea')
        const init = { bubbles: true, cancelable: true }
        const event =
          how === 'drop'
            ? new DragEvent('drop', { ...init, dataTransfer: data })
            : new ClipboardEvent('paste', { ...init, clipboardData: data })
        field?.dispatchEvent(event)
      },
      [how, name, type, text] as const,
    )
  const dialog = anna.page.getByRole('dialog')
  const page = '<script>document.title = "owned"</script>'
  for (const [how, name, type] of [
    ['drop', 'page.html', 'text/html'],
    ['paste', 'drawing.svg', 'image/svg+xml'],
  ] as const) {
    await give(how, name, type, page)
    await expect(dialog).toContainText(name)
    await dialog.getByRole('button', { name: 'Send', exact: true }).click()
    await expect(ben.button(`Save ${name}`)).toBeVisible()
    const copy = await saved(ben, ben.button(`Save ${name}`))
    expect([copy.name, copy.bytes.toString()]).toEqual([name, page])
  }
  await expect(ben.log.getByRole('img')).toHaveCount(0)
  await expect(ben.page).not.toHaveTitle('owned')
})

test('H79: a picture that declares too much is a file like any other', async ({ pair }) => {
  const [anna, ben] = await pair()
  await send(anna, bomb('bomb.png', 30_000, 30_000))
  await expect(ben.button('Save bomb.png')).toBeVisible()
  await expect(ben.button('Open bomb.png')).toHaveCount(0)
})

test('H79: an animation that is small as a file and large in memory is a file like any other', async ({ pair }) => {
  const [anna, ben] = await pair()
  await send(anna, animated('bomb.gif', 9_000, 9_000, 100))
  await expect(ben.button('Save bomb.gif')).toBeVisible()
  await expect(ben.button('Open bomb.gif')).toHaveCount(0)
  await send(anna, animated('wave.gif', 60, 40, 20))
  await expect(ben.button('Open wave.gif')).toBeVisible()
})

test('a file that was sent is deleted for everybody, from the log and from the viewer', async ({ pair }) => {
  const [anna, ben] = await pair()
  await send(anna, { name: 'draft.txt', mimeType: 'text/plain', buffer: Buffer.from('not so good') }, 'My draft')
  await send(anna, picture('face.png', 800, 600))
  await expect(ben.button('Open face.png')).toBeVisible()
  await expect(ben.button('Delete draft.txt')).toHaveCount(0)
  const usage = () => anna.page.evaluate(async () => (await fetch('/api/v1/files')).json())
  expect(await usage()).toMatchObject({ files: 3 })

  await anna.button('Delete draft.txt').click()
  const question = anna.page.getByRole('alertdialog', { name: 'Delete this file?' })
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(anna.button('Save draft.txt')).toBeVisible()
  await anna.button('Delete draft.txt').click()
  await question.getByRole('button', { name: 'Delete file' }).click()
  for (const { log, message, button } of [anna, ben].map((who) => ({
    log: who.log,
    message: who.message('My draft'),
    button: who.button('Save draft.txt'),
  }))) {
    await expect(log.getByText('File deleted')).toHaveCount(1)
    await expect(message).toBeVisible()
    await expect(button).toHaveCount(0)
  }
  expect(await usage()).toMatchObject({ files: 2 })

  await ben.button('Open face.png').click()
  const viewed = ben.page.getByRole('dialog', { name: /Picture viewer/ })
  await expect(viewed.getByRole('img')).toBeVisible()
  await expect(viewed.getByRole('button', { name: /^Delete/ })).toHaveCount(0)
  await ben.page.keyboard.press('Escape')
  await anna.button('Open face.png').click()
  const viewer = anna.page.getByRole('dialog', { name: /Picture viewer/ })
  await viewer.getByRole('button', { name: 'Delete face.png' }).click()
  await question.getByRole('button', { name: 'Delete file' }).click()
  await expect(viewer).toBeHidden()
  for (const who of [anna, ben]) await expect(who.log.getByText('File deleted')).toHaveCount(2)
  expect(await usage()).toMatchObject({ used: 0, files: 0 })
  await ben.page.reload()
  await expect(ben.log.getByText('File deleted')).toHaveCount(2)
  await expect(ben.button('Open face.png')).toHaveCount(0)
})

test('H77: names are cleaned on both sides', async ({ pair }) => {
  const [anna, ben] = await pair()
  await send(anna, { name: 'a.html\u202Egpj.exe', mimeType: 'image/jpeg', buffer: Buffer.from('MZ') })
  const button = ben.log.getByRole('button', { name: /^Save a\.html/ })
  await expect(button).toHaveAccessibleName('Save a.htmlgpj.exe')
  expect((await saved(ben, button)).name).toBe('a.htmlgpj.exe')
})

test('on a phone, in the dark: attach, send, look, swipe', async ({ pair }) => {
  const circumstances = { phone: true, colorScheme: 'dark' } as const
  const [anna, ben] = await pair({}, circumstances)
  await send(anna, [picture('one.png', 900, 600), picture('two.png', 600, 900)])
  await expect(ben.log.getByRole('img', { name: 'Picture: two.png' })).toBeVisible()
  await ben.button('Open one.png').click()
  const viewer = ben.page.getByRole('dialog', { name: /Picture viewer/ })
  await expect(viewer.getByRole('img', { name: 'Picture: one.png' })).toBeVisible()
  await ben.page.mouse.move(300, 400)
  await ben.page.mouse.down()
  await ben.page.mouse.move(100, 410, { steps: 5 })
  await ben.page.mouse.up()
  await expect(viewer.getByRole('img', { name: 'Picture: two.png' })).toBeVisible()
  const wide = await ben.page.evaluate(() => document.documentElement.scrollWidth)
  expect(wide).toBeLessThanOrEqual(390)
  await viewer.getByRole('button', { name: 'Close' }).click()
  await expect(ben.button('Attach files')).toBeVisible()
})

test('Firefox: a sound seeks without being loaded whole, a video plays', async ({ server, person }) => {
  // 40 MB go through a browser.
  test.slow()
  const anna = await person('Anna')
  await anna.setUp(server)
  const link = await anna.invite()
  const cable = await Cable.to(server.port)
  const firefox = await launchFirefox()
  try {
    const page = await firefox.newPage()
    // Where there is no loudspeaker, Firefox fails a sound that begins to play; seeking needs none.
    await page.evaluateOnNewDocument(() => {
      const plain = HTMLAudioElement.prototype.setAttribute
      HTMLAudioElement.prototype.setAttribute = function (name, value) {
        if (name.toLowerCase() !== 'autoplay') plain.call(this, name, value)
      }
    })
    await joinInFirefox(page, `https://localhost:${cable.port}${link}`, 'Ben')
    await anna.open('Everyone')
    await send(anna, await film(anna.page, 'film.webm'))
    const tone = wave('tone.wav', 240)
    await send(anna, tone)
    // Once both are there nothing moves below the mouse any more.
    await page.locator('::-p-aria([name="Play tone.wav"][role="button"])').setTimeout(60_000).wait()

    await page.locator('::-p-aria([name="Play film.webm"][role="button"])').click()
    const played = () =>
      page.evaluate(() => {
        const video = document.querySelector('video')
        return [new URL(video?.currentSrc || 'https://none').pathname, video?.currentTime ?? 0] as const
      })
    await expect.poll(async () => (await played())[1], { timeout: 60_000 }).toBeGreaterThan(0.5)
    expect((await played())[0]).toMatch(/^\/media\//)

    const before = cable.received
    await page.locator('::-p-aria([name="Play tone.wav"][role="button"])').click()
    const sound = () =>
      page.evaluate(() => {
        const audio = document.querySelector('audio')
        const { currentSrc = '', duration = 0, currentTime = 0, seeking = true } = audio ?? {}
        return { source: currentSrc, duration, place: seeking ? null : currentTime }
      })
    await expect.poll(sound).toMatchObject({ duration: 240 })
    expect(new URL((await sound()).source).pathname).toMatch(/^\/media\//)
    await page.evaluate(() => {
      const audio = document.querySelector('audio')
      if (audio) audio.currentTime = 200
    })
    await expect.poll(sound).toMatchObject({ place: 200 })
    // It reads a minute ahead at each place.
    expect(cable.received - before).toBeLessThan(tone.buffer.length / 2)
  } finally {
    await firefox.close()
    cable.close()
  }
})

test('Firefox: files dropped and pasted, a lost network, a stop', async ({ server, person }) => {
  test.slow()
  const anna = await person('Anna')
  await anna.setUp(server)
  const link = await anna.invite()
  const cable = await Cable.to(server.port)
  const firefox = await launchFirefox()
  try {
    const page = await firefox.newPage()
    await joinInFirefox(page, `https://localhost:${cable.port}${link}`, 'Ben')
    await anna.open('Everyone')
    await page.locator('textarea').wait()
    const give = async (how: 'drop' | 'paste', name: string, bytes: number) => {
      await page.evaluate(
        (how, name, bytes) => {
          const data = new DataTransfer()
          data.items.add(new File([new Uint8Array(bytes)], name))
          const init = { bubbles: true, cancelable: true }
          const event =
            how === 'drop'
              ? new DragEvent('drop', { ...init, dataTransfer: data })
              : new ClipboardEvent('paste', init)
          // Firefox gives such an event a clipboard of its own, empty.
          if (event instanceof ClipboardEvent) Object.defineProperty(event, 'clipboardData', { value: data })
          document.querySelector('textarea')?.dispatchEvent(event)
        },
        how,
        name,
        bytes,
      )
      await page.locator('[role="dialog"] button[type="submit"]').click()
    }
    const uploads = () => page.$eval('ul[aria-label="Files on their way"]', (list) => list.textContent ?? '').catch(() => '')
    cable.slow(3_000_000)
    await give('drop', 'dropped.bin', 12_000_000)
    await expect.poll(uploads, { timeout: 30_000 }).toMatch(/Sending, \d\d %/)
    cable.pull()
    await expect.poll(uploads).toContain('Waiting for the connection')
    cable.plugIn()
    await expect(anna.button('Save dropped.bin')).toBeVisible({ timeout: 60_000 })
    await expect.poll(uploads).toBe('')

    await give('paste', 'pasted.bin', 20_000_000)
    await expect.poll(uploads, { timeout: 30_000 }).toMatch(/Sending, \d/)
    await page.locator('::-p-aria([name="Stop sending pasted.bin"][role="button"])').click()
    await expect.poll(uploads).toBe('')
    cable.slow(Infinity)
    const usage = () => page.evaluate(async () => ((await (await fetch('/api/v1/files')).json()) as { files: number }).files)
    await expect.poll(usage).toBe(1)
  } finally {
    await firefox.close()
    cable.close()
  }
})
