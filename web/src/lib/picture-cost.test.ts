// @vitest-environment node
import { describe, expect, test } from "vitest";

import { isAffordable } from "./picture-cost";

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const u16 = (n: number) => [n & 255, n >> 8];
const u32 = (n: number) => [(n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255];
const u32le = (n: number) => u32(n).toReversed();
const u24 = (n: number) => u32le(n).slice(0, 3);
const blob = (...parts: (readonly number[])[]) => new Blob(parts.map((part) => new Uint8Array(part)));
const times = (count: number, part: readonly number[]) => Array.from({ length: count }, () => part);

/** A GIF whose frames hold so many bytes each. */
function gif(width: number, height: number, frames: number, bytes = 3): Blob {
  const header = [...ascii("GIF89a"), ...u16(width), ...u16(height), 0x80, 0, 0, 0, 0, 0, 255, 255, 255];
  const delay = [0x21, 0xf9, 4, 0, 1, 0, 0, 0];
  const image = [0x2c, 0, 0, 0, 0, ...u16(width), ...u16(height), 0x80, 1, 1, 1, 2, 2, 2, 2];
  const data = Array.from({ length: bytes }, (_, i) => 0x2c + (i & 1));
  return blob(header, ...times(frames, [...delay, ...image, bytes, ...data, 0]), [0x3b]);
}

function png(width: number, height: number, frames: number): Blob {
  const ihdr = [...u32(13), ...ascii("IHDR"), ...u32(width), ...u32(height), 8, 6, 0, 0, 0, 0, 0, 0, 0];
  const other = [...u32(4), ...ascii("gAMA"), 0, 0, 0, 0, 0, 0, 0, 0];
  const actl = [...u32(8), ...ascii("acTL"), ...u32(frames), ...u32(0), 0, 0, 0, 0];
  return blob([0x89, ...ascii("PNG\r\n\u001a\n")], ihdr, other, actl, [...u32(0), ...ascii("IDAT"), 0, 0, 0, 0]);
}

function webp(width: number, height: number, frames: number): Blob {
  const head = [...ascii("RIFF"), ...u32le(0), ...ascii("WEBP"), ...ascii("VP8X"), ...u32le(10), 2, 0, 0, 0, ...u24(width - 1), ...u24(height - 1)];
  const anmf = [...ascii("ANMF"), ...u32le(17), ...Array.from({ length: 18 }, () => 0)];
  return blob(head, ...times(frames, anmf));
}

function avif(brand: string): Blob {
  const ispe = [...ascii("ispe"), 0, 0, 0, 0, ...u32(64), ...u32(64)];
  return blob([...u32(24), ...ascii("ftypavif"), 0, 0, 0, 0, ...ascii("mif1"), ...ascii(brand)], ispe, times(24, [0]).flat());
}

describe("what showing a picture costs", () => {
  const kinds = { gif, png, webp };

  test("pictures and animations of an ordinary size are shown", async () => {
    for (const make of Object.values(kinds)) {
      expect(await isAffordable(make(4_000, 3_000, 1), "whole")).toBe(true);
      expect(await isAffordable(make(800, 600, 300), "whole")).toBe(true);
      expect(await isAffordable(make(720, 480, 1), "small")).toBe(true);
    }
    expect(await isAffordable(gif(800, 600, 400, 255), "whole")).toBe(true);
    expect(await isAffordable(avif("avif"), "whole")).toBe(true);
  });

  test("H79: animations that are small as files and large in memory are not", async () => {
    for (const [kind, make] of Object.entries(kinds)) {
      const bomb = make(10_000, 9_000, 200);
      expect(bomb.size).toBeLessThan(20_000);
      expect(await isAffordable(bomb, "whole"), kind).toBe(false);
      expect(await isAffordable(make(1, 1, 6_000), "whole"), kind).toBe(false);
    }
    expect(await isAffordable(gif(4_000, 3_000, 40, 255), "whole")).toBe(false);
    expect(await isAffordable(avif("avis"), "whole")).toBe(false);
  });

  test("H79: small pictures are small and do not move", async () => {
    for (const [kind, make] of Object.entries(kinds)) {
      expect(await isAffordable(make(10_000, 9_000, 1), "small"), kind).toBe(false);
      expect(await isAffordable(make(100, 100, 2), "small"), kind).toBe(false);
    }
  });

  test("what breaks off is counted as far as it goes, and ends", async () => {
    for (const make of Object.values(kinds)) {
      const whole = make(100, 100, 3);
      for (let end = 0; end < whole.size; end += 1) {
        expect(typeof (await isAffordable(whole.slice(0, end), "whole"))).toBe("boolean");
      }
    }
  });
});
