import { expect, test } from '../support/test.ts'

test('what was said is found on this device, also after a reload, and leads to its place', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.write('The key is under the blue flowerpot')
  for (let i = 1; i <= 40; i++) await anna.write(`Small talk number ${i}`)
  await expect(ben.message('Small talk number 40')).toBeVisible({ timeout: 60_000 })

  await ben.page.keyboard.press('Control+k')
  const field = ben.page.getByRole('searchbox', { name: 'Search messages' })
  await expect(field).toBeFocused()
  await field.fill('FLOWER')
  await expect(ben.page.getByText('1 message', { exact: true })).toBeVisible()
  await expect(ben.page.locator('mark')).toHaveText('flowerpot')

  await field.fill('number')
  await expect(ben.page.getByText('40 messages', { exact: true })).toBeVisible()
  await field.fill('elephant')
  await expect(ben.page.getByText('No message with “elephant”.')).toBeVisible()

  await ben.page.reload()
  await field.fill('flowerpot')
  await ben.page.getByRole('link', { name: /under the blue/ }).click()
  await expect(ben.message('The key is under the blue flowerpot')).toBeInViewport()
  await expect(ben.message('Small talk number 40')).not.toBeInViewport()

  // Nothing of it is to be read in what the browser keeps.
  const kept = await ben.page.evaluate(async () => {
    const texts: string[] = []
    for (const { name } of await indexedDB.databases()) {
      if (!name?.startsWith('callbox-search-')) continue
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name)
        request.onsuccess = () => resolve(request.result)
      })
      const segments = await new Promise<{ ciphertext: ArrayBuffer }[]>((resolve) => {
        const request = database.transaction('segments').objectStore('segments').getAll()
        request.onsuccess = () => resolve(request.result as { ciphertext: ArrayBuffer }[])
      })
      for (const { ciphertext } of segments) texts.push(new TextDecoder('latin1').decode(ciphertext))
      database.close()
    }
    return texts
  })
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.join('')).not.toContain('flowerpot')
  expect(ben.faults).toEqual([])
})
