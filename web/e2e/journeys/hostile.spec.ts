// H74, H75, H81: what is typed into any field stays text.

import { expect, test } from '../support/test.ts'

const PAYLOADS = [
  '<script>window.executed = 1</script>',
  '<img src=x onerror="window.executed=1">',
  '<svg/onload=window.executed=1>',
  '"><iframe srcdoc="<script>parent.executed=1</script>">',
  "javascript:window.executed=1//https://example.org",
  '[click](javascript:window.executed=1)',
  '![x](https://tracker.example/pixel.png)',
  '{{constructor.constructor("window.executed=1")()}}',
  '${window.executed=1}',
  '<a href="data:text/html,<script>window.executed=1</script>">x</a>',
  '\u202egnp.exe <b>bold</b>',
  'https://example.org/"onmouseover="window.executed=1',
  '`<math><mi//xlink:href="data:x,<script>window.executed=1</script>">`',
]

test('payloads in messages, names and rooms are inert', async ({ pair }) => {
  const [anna, ben] = await pair()
  const requests: string[] = []
  ben.page.on('request', (request) => requests.push(request.url()))
  for (const payload of PAYLOADS) await anna.write(payload)
  await expect(ben.log.getByText('${window.executed=1}')).toBeVisible()
  await expect(ben.log.getByText('<script>window.executed = 1</script>')).toBeVisible()

  await ben.visit('/settings/profile')
  const name = ben.page.getByRole('textbox', { name: 'Name', exact: true })
  await name.fill('<img src=x onerror="window.executed=1">')
  await ben.page.getByRole('button', { name: 'Save' }).click()
  await expect(anna.page.getByText('<img src=x onerror="window.executed=1">').first()).toBeVisible()

  for (const one of [anna, ben]) {
    expect(await one.page.evaluate(() => (window as { executed?: number }).executed)).toBeUndefined()
    expect(await one.page.locator('a[href^="javascript:" i], a[href^="data:" i]').count()).toBe(0)
  }
  const own = new URL(ben.page.url()).origin
  expect(requests.filter((url) => !url.startsWith(own) && !/^(blob|data):/.test(url))).toEqual([])
})
