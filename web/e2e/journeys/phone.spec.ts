import type { Person } from '../support/people.ts'
import { expectPicture } from '../support/rtc.ts'
import { expect, test } from '../support/test.ts'

test('everything works on a phone-sized screen', async ({ server, person }) => {
  const anna = await person('Anna', { phone: true })
  await anna.setUp(server)
  const link = await anna.invite()
  const ben = await person('Ben', { phone: true, colorScheme: 'dark' })
  await ben.join(link)
  await anna.openDirect(ben)
  await ben.openDirect(anna)
  await anna.write('On the road')
  await expect(ben.message('On the road')).toBeVisible()

  await anna.button('Start video call').click()
  await ben.ring.getByRole('button', { name: 'Accept', exact: true }).click()
  await expectPicture(anna.page)
  await expectPicture(ben.page)
  for (const one of [anna, ben]) {
    const overflow = await one.page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    )
    expect(overflow, 'nothing is wider than the screen').toBeLessThanOrEqual(0)
    await expect(one.button('Hang up')).toBeInViewport()
  }
  await ben.button('Hang up').click()
  await expect(anna.call).toBeHidden()
})

test('a finger hits every button', async ({ server, person }) => {
  const anna = await person('Anna', { phone: true })
  await anna.setUp(server)
  await expectRoomForFingers(anna)
  const link = await anna.invite()
  const ben = await person('Ben')
  await ben.join(link)
  await anna.openDirect(ben)
  await expectRoomForFingers(anna)
  await anna.button('People and details').click()
  await expect(anna.page.getByRole('list', { name: 'Members' })).toBeVisible()
  await expectRoomForFingers(anna)
  for (const page of ['/', '/people', '/settings/profile', '/settings/devices', '/settings/calls', '/owner/people', '/owner/storage']) {
    await anna.visit(page)
    await expect(anna.page.getByRole('main').getByRole('heading').first()).toBeVisible()
    await expectRoomForFingers(anna)
  }
})

/** Buttons of at least 44 pixels both ways; links within a text may be as small as their words. */
async function expectRoomForFingers(one: Person): Promise<void> {
  const small = await one.page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button:not([role=switch]), a[href][class*=inline-flex]')]
      .filter((button) => button.checkVisibility() && !button.className.includes('underline'))
      .map((button) => ({ box: button.getBoundingClientRect(), name: button.ariaLabel ?? button.textContent }))
      .filter(({ box }) => box.width > 0 && (box.width < 44 || box.height < 44))
      .map(({ box, name }) => `${name}: ${box.width} by ${box.height}`),
  )
  expect(small, one.page.url()).toEqual([])
}
