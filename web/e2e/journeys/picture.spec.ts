import { expect, test } from '../support/test.ts'

for (const canvas of ['WebP', 'JPEG'] as const) {
  test(`a picture is chosen, seen by others and removed; the canvas writes ${canvas}`, async ({ pair }) => {
    const [anna, ben] = await pair()
    if (canvas === 'JPEG') {
      // As Safari does: asked for WebP, it gives PNG without a word.
      await anna.page.addInitScript(() => {
        const original = HTMLCanvasElement.prototype.toBlob
        HTMLCanvasElement.prototype.toBlob = function (done, type, quality) {
          original.call(this, done, type === 'image/webp' ? 'image/png' : type, quality)
        }
      })
    }
    const file = { name: 'me.png', mimeType: 'image/png', buffer: await ben.page.screenshot() }
    await anna.visit('/settings/profile')
    await anna.page.getByLabel('Choose a picture').setInputFiles(file)
    const answer = ben.page.waitForResponse(/\/avatar\//)
    await anna.button('Use this picture').click()
    await expect(anna.page.getByText('Your picture is saved.').first()).toBeVisible()
    expect((await answer).headers()['content-type']).toBe(`image/${canvas.toLowerCase()}`)
    const face = ben.page.getByRole('navigation', { name: 'Conversations' }).locator('img').first()
    await expect.poll(() => face.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(512)
    await anna.button('Remove picture').click()
    await expect(face).toHaveCount(0)
  })
}
