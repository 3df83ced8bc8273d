'use strict'
{
  const { secure, testing, yes, no } = document.body.dataset
  const button = document.getElementById('test')
  const result = document.getElementById('result')
  const here = location.pathname === '/trust'
  const target = secure + (here ? '/' : location.pathname + location.search + location.hash)
  for (const link of document.querySelectorAll('a.quiet')) link.href = target

  const agent = navigator.userAgent
  const touch = navigator.maxTouchPoints > 1
  const systems = [
    ['android', /Android/.test(agent)],
    ['iphone', /iPhone|iPad/.test(agent) || (/Mac OS X/.test(agent) && touch)],
    ['firefox', /Firefox/.test(agent) && /Linux/.test(agent)],
    ['macos', /Mac OS X/.test(agent)],
    ['windows', /Windows/.test(agent)],
    ['linux', true],
  ]
  const system = systems.find(([, is]) => is)[0]
  const details = document.getElementById(system)
  if (details) details.open = true

  const say = (text, kind) => {
    result.textContent = text
    result.className = kind
  }
  // Only who trusts the certificate gets an answer at all.
  const isTrusted = () =>
    fetch(`${secure}/trusted`, { cache: 'no-store', credentials: 'omit' }).then(
      (answer) => answer.ok,
      () => false,
    )
  const enter = () => {
    say(yes, 'yes')
    location.replace(target)
  }
  button.hidden = false
  button.addEventListener('click', async () => {
    say(testing, '')
    if (await isTrusted()) enter()
    else say(no, 'no')
  })
  // Whoever was on the way to a page, and trusts already, goes on.
  if (!here) isTrusted().then((is) => is && enter())
}
