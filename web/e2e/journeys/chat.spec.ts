import { expect, test } from '../support/test.ts'

test('set up, invite, join, chat both ways, reload, history', async ({ server, person }) => {
  const anna = await person('Anna')
  await anna.setUp(server)
  const link = await anna.invite()
  const ben = await person('Ben')
  await ben.join(link)

  await anna.open('Everyone')
  await ben.open('Everyone')
  await anna.write('Hello Ben')
  await expect(ben.message('Hello Ben')).toBeVisible()
  await ben.write('Hello Anna')
  await expect(anna.message('Hello Anna')).toBeVisible()
  await expect(anna.log.getByText('Read', { exact: true }).first()).toBeAttached()

  await ben.page.reload()
  await expect(ben.message('Hello Ben')).toBeVisible()
  await expect(ben.message('Hello Anna')).toBeVisible()
})

test('a second sign-in reads the same history, and can be cut off', async ({ server, person }) => {
  const anna = await person('Anna')
  await anna.setUp(server)
  await anna.open('Everyone')
  await anna.write('A note to myself')
  await expect(anna.message('A note to myself')).toBeVisible()

  const again = await person('Anna')
  await again.signIn()
  await again.open('Everyone')
  await expect(again.message('A note to myself')).toBeVisible()
})

test('text is text, links are links', async ({ pair }) => {
  const [anna, ben] = await pair()
  const hostile = '<img src=x onerror=alert(1)> javascript:alert(1) https://example.org/a?b=c'
  await anna.write(hostile)
  const link = ben.log.getByRole('link', { name: 'https://example.org/a?b=c' })
  await expect(link).toHaveAttribute('href', 'https://example.org/a?b=c')
  await expect(link).toHaveAttribute('rel', /noopener/)
  await expect(ben.log.getByText('<img src=x onerror=alert(1)>')).toBeVisible()
  await expect(ben.log.locator('img[src="x"]')).toHaveCount(0)
})

test('Shift+Enter breaks a line, Enter sends', async ({ pair }) => {
  const [anna, ben] = await pair()
  const box = anna.page.getByRole('textbox', { name: 'Message' })
  await box.fill('first')
  await box.press('Shift+Enter')
  await box.pressSequentially('second')
  await box.press('Enter')
  await expect(ben.log.getByText(/first\s+second/)).toBeVisible()
})

test('typing is shown to the other', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.page.getByRole('textbox', { name: 'Message' }).pressSequentially('Well')
  await expect(ben.page.getByText(/Anna is typing/)).toBeVisible()
})

test('older pages load upwards and the scroll stays put', async ({ pair }) => {
  // Writing 90 messages by hand takes a busy machine its time.
  test.slow()
  const [anna, ben] = await pair()
  const box = anna.page.getByRole('textbox', { name: 'Message' })
  for (let n = 1; n <= 90; n++) {
    await box.fill(`message ${n}`)
    await box.press('Enter')
  }
  await expect(ben.message('message 90')).toBeVisible({ timeout: 60_000 })
  await ben.page.reload()
  await expect(ben.message('message 90')).toBeVisible()
  await expect(ben.message('message 1')).toHaveCount(0)
  await expect
    .poll(
      async () => {
        await ben.log.hover()
        await ben.page.mouse.wheel(0, -2_000)
        return ben.message('message 1').isVisible()
      },
      { timeout: 40_000 },
    )
    .toBe(true)
})
