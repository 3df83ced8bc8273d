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
