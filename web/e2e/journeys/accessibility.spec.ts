// Every screen, light and dark, wide and narrow, without a violation that axe can see.

import { expectAccessible } from '../support/axe.ts'
import { expectPicture } from '../support/rtc.ts'
import { expect, test } from '../support/test.ts'

test.setTimeout(300_000)

test('the doors', async ({ server, person }) => {
  const anna = await person('Anna')
  await anna.visit('/')
  await expect(anna.page.getByRole('heading', { name: 'Callbox is not set up yet' })).toBeVisible()
  await expectAccessible(anna.page, 'not set up yet')
  await anna.visit(server.setupPath)
  await expect(anna.page.getByRole('heading', { name: 'Set up Callbox' })).toBeVisible()
  await anna.button('Create account').click()
  await expect(anna.page.getByText('Enter a name.')).toBeVisible()
  await expectAccessible(anna.page, 'set-up, with complaints')
  await anna.setUp(server)
  const link = await anna.invite()

  const ben = await person('Ben')
  await ben.visit(link)
  await expect(ben.page.getByRole('heading', { name: 'Anna invites you' })).toBeVisible()
  await expectAccessible(ben.page, 'join')
  await ben.visit('/j/0000000000000000000000#AAAA')
  await expect(ben.page.getByRole('heading', { name: /not good any more/ })).toBeVisible()
  await expectAccessible(ben.page, 'a bad invite')
  await ben.visit('/')
  await expect(ben.page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await ben.page.getByLabel('Name', { exact: true }).fill('Anna')
  await ben.page.getByLabel('Password', { exact: true }).fill('not the password')
  await ben.button('Sign in').click()
  await expect(ben.page.getByText(/do not match/)).toBeVisible()
  await expectAccessible(ben.page, 'sign-in, with a wrong password')
})

test('the rooms', async ({ server, person }) => {
  const anna = await person('Anna')
  await anna.setUp(server)
  await expect(anna.page.getByText('You are the first one here')).toBeVisible()
  await expectAccessible(anna.page, 'empty chat')

  const link = await anna.invite()
  await anna.button('Invite people').first().click()
  await anna.page.getByRole('dialog').getByRole('button', { name: 'Create link' }).click()
  await expect(anna.page.getByRole('textbox', { name: 'Invite link' })).toHaveValue(/\/j\//)
  await expectAccessible(anna.page, 'invite dialog, with a link')
  await anna.page.keyboard.press('Escape')

  const ben = await person('Ben')
  await ben.join(link)
  await anna.visit('/')
  await anna.expectInside()
  await expectAccessible(anna.page, 'list of conversations')
  await anna.visit('/people')
  await expect(anna.page.getByRole('heading', { name: 'People' })).toBeVisible()
  await expect(anna.page.getByRole('main').getByText('Ben', { exact: true })).toBeVisible()
  await expectAccessible(anna.page, 'people')

  await anna.button('New conversation').click()
  await expectAccessible(anna.page, 'new conversation')
  await anna.button('New room').click()
  await anna.page.getByRole('textbox', { name: 'Room name' }).fill('Kitchen')
  await anna.page.getByRole('option', { name: 'Ben' }).click()
  await expectAccessible(anna.page, 'new room')
  await anna.button('Create room').click()
  await expect(anna.log.getByText(/created Kitchen/)).toBeVisible()
  await expectAccessible(anna.page, 'empty room')

  await anna.write('Look at https://example.org')
  await anna.write('x'.repeat(200))
  await expect(anna.log.getByText('Sent', { exact: true }).or(anna.log.getByText('Delivered', { exact: true })).first()).toBeAttached()
  await ben.open('Kitchen')
  await ben.write('Hello back')
  await expect(anna.message('Hello back')).toBeVisible()
  await expectAccessible(anna.page, 'conversation')

  await anna.button('People and details').click()
  await expect(anna.page.getByRole('list', { name: 'Members' })).toBeVisible()
  await expectAccessible(anna.page, 'room panel')
})

test('the settings', async ({ pair }) => {
  const [anna] = await pair()
  await anna.page.setViewportSize({ width: 390, height: 844 })
  await anna.visit('/settings')
  await expect(anna.page.getByRole('link', { name: 'Profile' })).toBeVisible()
  await expectAccessible(anna.page, 'list of settings', ['phone'])
  for (const name of ['profile', 'devices', 'password', 'calls', 'appearance']) {
    await anna.visit(`/settings/${name}`)
    await expect(anna.page.getByRole('main').getByRole('heading').first()).toBeVisible()
    await expect(anna.page.locator('[aria-busy=true]')).toHaveCount(0)
    await expectAccessible(anna.page, `settings: ${name}`)
  }
})

test('the call', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.button('Start video call').click()
  await expect(ben.ring).toBeVisible()
  await expectAccessible(ben.page, 'incoming call')
  await expectAccessible(anna.page, 'calling')
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  await expectAccessible(anna.page, 'call stage')
  await ben.button('Call details').click()
  await expect(ben.page.getByText('Direct', { exact: true })).toBeVisible()
  await expectAccessible(ben.page, 'call details')
  await anna.button('Hang up').click()
  await expect(ben.call).toBeHidden()
  await expectAccessible(ben.page, 'after the call')
})
