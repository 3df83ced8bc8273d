import { describe, expect, it } from "vitest";

import { readContent, writeContent } from "./content";
import type { Content } from "./vault";

const sealed = {
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  size: 1234,
  key: "A".repeat(43),
  prefix: "AAAAAAAAAA",
};
const file = { k: "file", text: "", ...sealed, name: "a.png", type: "image/png", width: 4, height: 3 };

const read = (json: object) => readContent(JSON.parse(JSON.stringify(json)) as Record<string, unknown>);
const fileOf = (change: object) => {
  const content = read({ ...file, ...change });
  return content?.kind === "file" ? content.file : null;
};

describe("the content of a message", () => {
  it("reads back as it was written", () => {
    const thumbnail = { ...sealed, type: "image/webp" };
    const deleted = { k: "file_deleted", target: sealed.id };
    for (const json of [{ k: "text", text: "Hello" }, file, { ...file, text: "Look", duration: 5000, thumbnail }, deleted]) {
      const content = read(json) as Content;
      expect(JSON.parse(JSON.stringify(writeContent(content)))).toEqual(json);
      expect(read(writeContent(content))).toEqual(content);
    }
  });

  it("is nothing when it has no form we know", () => {
    for (const json of [
      {},
      { k: "text" },
      { k: "text", text: 5 },
      { k: "poll", text: "" },
      { ...file, text: null },
      { ...file, id: "short" },
      { ...file, id: "A".repeat(21) + "B" },
      { ...file, key: "A".repeat(42) },
      { ...file, prefix: "" },
      { ...file, size: -1 },
      { ...file, size: 100 * 1024 * 1024 + 1 },
      { ...file, size: "5" },
      { k: "file_deleted" },
      { k: "file_deleted", target: "short" },
      { k: "file_deleted", target: ["AAAAAAAAAAAAAAAAAAAAAA"] },
    ]) {
      expect(read(json), JSON.stringify(json)).toBeNull();
    }
  });

  it("H77, H78: names are cleaned and types not listed are bytes", () => {
    expect(fileOf({ name: "../../a.html\u202Egpj.exe" })?.name).toBe("a.htmlgpj.exe");
    expect(fileOf({ name: 5 })?.name).toBe("file");
    for (const type of ["image/svg+xml", "text/html", "application/pdf", "IMAGE/PNG", "__proto__", "constructor", 5]) {
      expect(fileOf({ type })?.type).toBe("application/octet-stream");
    }
  });

  it("odd looks are left out", () => {
    expect(fileOf({ width: 0 })).toMatchObject({ width: null, height: null });
    expect(fileOf({ height: 1.5 })).toMatchObject({ width: null, height: null });
    expect(fileOf({ duration: 1e300 })?.duration).toBeNull();
    for (const change of [{ type: "text/html" }, { size: 10_000_000 }, { key: "" }]) {
      expect(fileOf({ thumbnail: { ...sealed, type: "image/png", ...change } })?.thumbnail).toBeNull();
    }
  });

  it("H82: keys of prototypes are ignored", () => {
    const json = JSON.parse('{"__proto__":{"k":"text","text":"inherited"},"constructor":1}') as Record<string, unknown>;
    expect(readContent(json)).toBeNull();
    expect(readContent(Object.create({ k: "text", text: "inherited" }) as Record<string, unknown>)).toBeNull();
  });
});
