import { expect, test } from "vitest";

import { checkWords } from "@/lib/words/check";

import { type Flood, judgeCertificate, judgeDevice, judgeFlood, judgePassage, judgeServer, judgeUdp, type Outcome, waysOf } from "./outcome";

const said = ({ verdict, code }: Outcome) => `${verdict} ${code}`;

test("the server, by how fast it answers", () => {
  expect(said(judgeServer(20))).toBe("ok server_answers");
  expect(said(judgeServer(2_000))).toBe("warn server_slow");
  expect(said(judgeServer(null))).toBe("fail server_gone");
});

test("the certificate, by what the browser makes of it", () => {
  expect(said(judgeCertificate("https:", true))).toBe("ok certificate_known");
  expect(said(judgeCertificate("https:", null))).toBe("ok certificate_known");
  expect(said(judgeCertificate("https:", false))).toBe("warn certificate_unknown");
  expect(said(judgeCertificate("http:", null))).toBe("skipped certificate_none");
});

test("a device, by whether it is there and may be used", () => {
  expect(said(judgeDevice(true, "granted"))).toBe("ok device_allowed");
  expect(said(judgeDevice(true, "prompt"))).toBe("ok device_asks");
  expect(said(judgeDevice(true, "unknown"))).toBe("ok device_asks");
  expect(said(judgeDevice(false, "granted"))).toBe("warn device_missing");
  expect(said(judgeDevice(false, "denied"))).toBe("fail device_refused");
});

test("a way to the relay, by how far a packet got", () => {
  const fails = (gathered: boolean, code: number | null) => said(judgePassage({ passed: false, gathered, code }));
  expect(said(judgePassage({ passed: true, ms: 30 }))).toBe("ok relay_passes");
  expect(said(judgePassage({ passed: true, ms: 900 }))).toBe("warn relay_slow");
  expect(fails(false, 701)).toBe("fail relay_unreachable");
  expect(fails(false, null)).toBe("fail relay_unreachable");
  expect(fails(false, 486)).toBe("fail relay_refused");
  expect(fails(true, null)).toBe("fail relay_lost");
});

test("UDP is blocked where the relay is reached by other ways only", () => {
  const good: Outcome = { verdict: "ok", code: "relay_passes" };
  const bad: Outcome = { verdict: "fail", code: "relay_unreachable" };
  const ways = (udp: Outcome | null, tcp: Outcome | null, tls: Outcome | null) =>
    (["udp", "tcp", "tls"] as const).flatMap((transport, n) => {
      const outcome = [udp, tcp, tls][n];
      return outcome ? [{ transport, outcome }] : [];
    });
  expect(said(judgeUdp(ways(good, bad, bad)))).toBe("ok udp_open");
  expect(said(judgeUdp(ways(bad, good, null)))).toBe("warn udp_blocked");
  expect(said(judgeUdp(ways(bad, bad, good)))).toBe("warn udp_blocked");
  expect(said(judgeUdp(ways(bad, bad, bad)))).toBe("skipped udp_unknown");
  expect(said(judgeUdp(ways(null, good, good)))).toBe("skipped udp_unknown");
  expect(said(judgeUdp([{ transport: "udp", outcome: bad }, { transport: "udp", outcome: good }]))).toBe("ok udp_open");
});

test("speed, by what arrived of what was sent", () => {
  const flood = (change: Partial<Flood>) => judgeFlood({ sent: 750, received: 750, bytes: 750_000, ms: 3_000, carried: null, ...change });
  const good = flood({});
  expect([said(good), good.rate, good.loss]).toEqual(["ok speed_good", 2_000_000, 0]);
  expect(said(flood({ received: 700, bytes: 700_000 }))).toBe("warn speed_low");
  expect(said(flood({ sent: 150, received: 150, bytes: 150_000 }))).toBe("warn speed_low");
  expect(said(flood({ received: 500, bytes: 500_000 }))).toBe("fail speed_bad");
  expect(said(flood({ received: 0, bytes: 0, ms: 0 }))).toBe("fail speed_bad");
  expect(said(flood({ sent: 0, received: 0 }))).toBe("fail speed_bad");
  // The browser gave up a third of the messages, all of which had come through.
  const given = flood({ received: 500, bytes: 500_000, carried: { sent: 800_000, received: 800_000 } });
  expect([said(given), given.loss]).toEqual(["ok speed_good", 0]);
  expect(said(flood({ carried: { sent: 800_000, received: 600_000 } }))).toBe("fail speed_bad");
});

test("the ways are read from what the server gives, with the page's own host", () => {
  const urls = [
    "stun:{host}:3478",
    "turn:{host}:3478?transport=udp",
    "turns:{host}:443?transport=tcp",
    "turn:{host}:3001?transport=tcp",
    "nonsense",
  ];
  expect(waysOf(urls, "chat.example").map(({ transport, port }) => `${transport} ${port}`)).toEqual(["udp 3478", "tls 443", "tcp 3001"]);
  expect(waysOf(urls, "[::1]")[0]?.url).toBe("turn:[::1]:3478?transport=udp");
});

test("what is not fine has a cure in every language", () => {
  const untold = new Set(["udp_unknown"]);
  const fine = /_(answers|opens|allowed|asks|passes|open|good|untried|known|none|account)$|^secure$/;
  for (const words of Object.values(checkWords)) {
    for (const code of Object.keys(words.says)) {
      if (code === "certificate_unknown" || !(fine.test(code) || untold.has(code))) expect(words.cures[code], code).toBeTruthy();
      else expect(words.cures[code], code).toBeUndefined();
    }
  }
});
