// E1, E3, E5 as people meet them: a server that changes, drops and claims.

import { expect, test } from '../support/test.ts'

interface Entry {
  seq: number
  content: { type: string; envelope?: string }
}

interface Told {
  type: string
  entries?: Entry[]
}

test('e1 a message changed on its way is not shown, and says so', async ({ pair, person }) => {
  const [anna, ben] = await pair()
  await anna.write('untouched')
  await expect(ben.message('untouched')).toBeVisible()
  await ben.page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer()
    server.onMessage((frame) => {
      const told = JSON.parse(String(frame)) as Told
      for (const { content } of told.entries ?? []) {
        if (!content.envelope) continue
        const bytes = Buffer.from(content.envelope, 'base64url')
        // In the body, behind the header of 164 bytes.
        bytes[170] = (bytes[170] ?? 0) ^ 1
        content.envelope = bytes.toString('base64url')
      }
      socket.send(JSON.stringify(told))
    })
  })
  await ben.page.reload()
  await expect(ben.message('untouched')).toBeVisible()
  await anna.write('tampered with')
  await expect(ben.log.getByText(/Changed on its way/)).toBeVisible()
  await expect(ben.message('tampered with')).toHaveCount(0)
  // Other devices of the same account that the server tells the truth open it.
  const second = await person('Ben')
  await second.signIn()
  await second.open('Anna')
  await expect(second.message('tampered with')).toBeVisible()
})

test('e3 a message that the server keeps back is missed', async ({ pair }) => {
  const [anna, ben] = await pair()
  await anna.write('first')
  await expect(ben.message('first')).toBeVisible()
  let dropped = 0
  await ben.page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer()
    server.onMessage((frame) => {
      const told = JSON.parse(String(frame)) as Told
      // The first that comes live is kept back, and those behind it move up.
      if (told.type === 'entries' && dropped === 0) {
        dropped = told.entries?.[0]?.seq ?? 0
        return
      }
      for (const entry of told.entries ?? []) if (entry.seq > dropped) entry.seq -= 1
      socket.send(JSON.stringify(told))
    })
  })
  await ben.page.reload()
  await expect(ben.message('first')).toBeVisible()
  await anna.write('kept back')
  await expect(anna.message('kept back')).toBeVisible()
  await anna.write('after it')
  await expect(
    ben.page.getByText(/is missing before this message|different versions of this conversation/).first(),
  ).toBeVisible()
  await expect(ben.message('kept back')).toHaveCount(0)
})
