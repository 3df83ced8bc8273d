// H74, H75, H81: what is typed into any field stays text.

import type { Person } from '../support/people.ts'
import { comeAs, makeLink, owner } from '../support/rooms.ts'
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

test('H81: payloads in every other field are inert', async ({ server, person }) => {
  const link = 'https://example.org/"onclick="window.executed=1'
  const anna = await person('<img src=x onerror=window.executed=1>Anna')
  const ben = await person('"><svg/onload=window.executed=1>Ben')
  const device = '<iframe srcdoc="<script>parent.executed=1</script>">'
  await anna.setUp(server)
  await ben.join(await anna.invite())
  await expect(anna.log.getByText(`${ben.name} joined`)).toBeVisible()

  // Addresses are fields too; odd paths are refused by the server.
  for (const path of ['/j/AAAA#', '/reset/AAAA#', '/setup#', '/c/AAAA?', '/?']) {
    await anna.visit(`${path}<img src=x onerror=window.executed=1>`)
    await expect(anna.page.locator('#root')).not.toBeEmpty()
  }
  await anna.visit('/')

  // A room for each; the list then offers a search.
  const rooms = PAYLOADS.filter((payload) => [...payload].length <= 64 && !payload.includes('\u202e')).slice(0, 6)
  for (const room of rooms) {
    await anna.button('New conversation').click()
    const dialog = anna.page.getByRole('dialog')
    const find = dialog.getByRole('combobox', { name: 'Find people' })
    await find.fill(link)
    await expect(dialog.getByText('Nobody here has that name.')).toBeVisible()
    await dialog.getByRole('button', { name: 'New room' }).click()
    await dialog.getByRole('textbox', { name: 'Room name' }).fill(room)
    await dialog.getByRole('option', { name: ben.name }).click()
    await dialog.getByRole('button', { name: 'Create room' }).click()
    await expect(anna.page.getByRole('heading', { name: room, exact: true })).toBeVisible()
    await expect(anna.log.getByText(`created ${room}`)).toBeVisible()
  }
  const search = anna.page.getByRole('searchbox', { name: 'Find a conversation' })
  await search.fill('<img src=x onerror=')
  await expect(anna.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link')).toHaveCount(1)
  await search.fill(link)
  await expect(anna.page.getByText('No conversation has that name.')).toBeVisible()
  await search.fill('')

  await anna.button('People and details').click()
  await anna.button('Rename').click()
  const renamed = '<a href=javascript:window.executed=1>Kitchen</a>'
  await anna.page.getByRole('dialog').getByRole('textbox', { name: 'Room name' }).fill(renamed)
  await anna.button('Save').click()
  await expect(anna.log.getByText(`renamed the room to ${renamed}`)).toBeVisible()
  await anna.button('Leave room').click()
  await expect(anna.page.getByRole('alertdialog', { name: `Leave ${renamed}?` })).toBeVisible()
  await anna.button('Cancel').click()

  // A draft comes back from the storage of the browser.
  const box = anna.page.getByRole('textbox', { name: 'Message' })
  await box.fill(link)
  await anna.open('Everyone')
  await anna.page.reload()
  await anna.open(renamed)
  await expect(box).toHaveValue(link)
  await box.fill('')

  // Names in a call: the ring, the title, what is left of it.
  await anna.openDirect(ben)
  await anna.button('Start video call').click()
  await expect(ben.ring.getByText(anna.name)).toBeVisible()
  await expect.poll(() => ben.page.title()).toContain(`${anna.name} is calling`)
  await ben.ring.getByRole('button', { name: 'Decline' }).click()
  await expect(anna.page.getByText(`${ben.name} declined.`)).toBeVisible()
  await expect(anna.log.getByText(/declined/)).toBeVisible()

  // A device whose name its client made up.
  const second = await person(ben.name)
  await second.page.route('**/api/v1/login/finish', (route) =>
    route.continue({ postData: { ...route.request().postDataJSON(), device_name: device } }),
  )
  await second.signIn()
  await ben.visit('/settings/devices')
  await expect(ben.page.getByRole('main').getByText(device, { exact: true })).toBeVisible()
  await ben.button(`Sign out ${device}`).click()
  await expect(ben.page.getByText(`${device} is signed out.`).first()).toBeVisible()

  await expectInert(anna, ben, second)
})

test('H81: payloads in what guests type, and in what they are shown, are inert', async ({ server, person }) => {
  const room = '<img src=x onerror=window.executed=1>Garden'
  const anna = await owner(server, person, room)
  const link = await makeLink(anna, { lobby: true })
  const max = await person('"><svg/onload=window.executed=1>Max')
  await comeAs(max, link, 'Ask to join')
  await expect(max.page.getByText(`You ask to join as ${max.name}.`)).toBeVisible()
  await expectInert(max)
  await anna.button(`Let ${max.name} in`).click()
  await expect(max.page.getByRole('heading', { name: room })).toBeVisible()
  await expect(anna.log.getByText(`Anna let ${max.name} in`)).toBeVisible()
  for (const payload of PAYLOADS) await max.write(payload)
  await expect(anna.log.getByText('<script>window.executed = 1</script>')).toBeVisible()

  await anna.button('Start video call').click()
  await expect(max.ring).toContainText('Anna')
  await max.ring.getByRole('button', { name: 'Decline' }).click()
  await expect(anna.page.getByText(`${max.name} declined.`)).toBeVisible()

  // Links that are none.
  const odd = await person('Odd')
  for (const path of [
    `${link}<img src=x onerror=window.executed=1>`,
    '/j/"><svg/onload=window.executed=1>#x',
    '/j/AAAA#<script>window.executed=1</script>',
  ]) {
    await odd.visit('/')
    await odd.visit(path)
    await expect(odd.page.locator('body')).not.toBeEmpty()
    await expectInert(odd)
  }

  await max.button('Keep this account').first().click()
  const dialog = max.page.getByRole('dialog')
  const kept = '<a href=javascript:window.executed=1>Max</a>'
  await dialog.getByLabel('Name', { exact: true }).fill(kept)
  await dialog.getByLabel('Password', { exact: true }).fill('a long enough password')
  await dialog.getByRole('button', { name: 'Keep this account' }).click()
  await max.keepRecoveryCode()
  await anna.visit('/people')
  await expect(anna.page.getByRole('main').getByText(kept).first()).toBeVisible()
  await expectInert(anna, max)
})

test('H74: a name that mixes alphabets is marked wherever somebody decides whom to write to', async ({ pair }) => {
  const [anna, ben] = await pair()
  await expect(anna.page.getByText('Mixed letters')).toHaveCount(0)
  await ben.visit('/settings/profile')
  // The first letter is Cyrillic.
  const imitation = '\u0410nna'
  await ben.page.getByRole('textbox', { name: 'Name', exact: true }).fill(imitation)
  await ben.button('Save').click()
  await expect(anna.page.getByRole('heading', { name: imitation })).toBeVisible()
  await expect(anna.page.getByRole('main').getByText('Mixed letters')).toBeVisible()
  await anna.visit('/people')
  const row = (name: string) => anna.page.getByRole('main').getByRole('listitem').filter({ hasText: name })
  await expect(row(imitation).getByText('Mixed letters')).toBeVisible()
  await expect(row('Anna').getByText('Mixed letters')).toHaveCount(0)
})

test('H81: the policy is in force, so that the other tests would see a slip', async ({ server, person }) => {
  const anna = await person('Anna')
  const response = await anna.page.goto(server.url('/'))
  expect(response?.headers()['content-security-policy']).toContain("require-trusted-types-for 'script'")
  expect(response?.headers()['content-security-policy-report-only']).toBeUndefined()
  const slips = await anna.page.evaluate(() => {
    const caught: string[] = []
    try {
      document.body.innerHTML = '<img src=x onerror="window.executed=1">'
    } catch (error) {
      caught.push(String(error))
    }
    const handler = document.createElement('b')
    try {
      handler.setAttribute('onclick', 'window.executed=1')
      handler.click()
    } catch (error) {
      caught.push(String(error))
    }
    return { caught, executed: (window as { executed?: number }).executed }
  })
  expect(slips.executed).toBeUndefined()
  expect(slips.caught.length).toBeGreaterThan(0)
  await expect.poll(() => anna.faults.length).toBeGreaterThan(1)
  anna.faults.length = 0
})

/** Nothing of what was typed has run on these pages, or become an element that could. */
async function expectInert(...people: Person[]): Promise<void> {
  for (const one of people) {
    expect(await one.page.evaluate(() => (window as { executed?: number }).executed)).toBeUndefined()
    await expect(one.page.locator('iframe, [onload], [onerror], [onclick], img[src="x"], a[href^="javascript:" i]')).toHaveCount(0)
  }
}
