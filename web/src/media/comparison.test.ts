import { expect, test } from "vitest";

import { isCommitted, sasCommitment, sasNumbers, type SasSide } from "@/crypto/sas";
import { fromBase64Url, toBase64Url } from "@/lib/base64";
import type { AccountId, Blob, CallId, DeviceId } from "@/protocol/wire";

import { Comparison, type Sas } from "./comparison";
import { readSignal, type SasContent } from "./signal";

const CALL = toBase64Url(new Uint8Array(16).fill(9)) as CallId;

/** Sums under way, on both sides. */
let sums = 0;

async function counted<T>(sum: () => Promise<T>): Promise<T> {
  sums += 1;
  try {
    return await sum();
  } finally {
    sums -= 1;
  }
}

/** The vault's part for one side, by the same maths: a certificate is told by one byte. */
class Maths implements Sas {
  #mine: SasSide | null = null;
  #theirs: Omit<SasSide, "nonce"> | null = null;
  #commitment: Uint8Array<ArrayBuffer> | null = null;
  readonly #name: number;
  readonly #other: number;

  constructor(name: number, other: number) {
    this.#name = name;
    this.#other = other;
  }

  async start({ fingerprint, peerFingerprint }: { fingerprint: string; peerFingerprint: string }): Promise<Blob> {
    const side = (name: number, certificate: string) => ({
      device: new Uint8Array(16).fill(name),
      asPub: new Uint8Array(32).fill(name),
      fingerprint: new Uint8Array(32).fill(certificate.charCodeAt(0)),
    });
    this.#mine = { nonce: crypto.getRandomValues(new Uint8Array(32)), ...side(this.#name, fingerprint) };
    this.#theirs = side(this.#other, peerFingerprint);
    this.#commitment = null;
    const mine = this.#mine;
    return toBase64Url(await counted(() => sasCommitment(mine, bytes(CALL)))) as Blob;
  }

  async commit(_: CallId, commitment: Blob): Promise<Blob> {
    if (this.#commitment || !this.#mine) throw new Error("committed already");
    this.#commitment = bytes(commitment);
    return toBase64Url(this.#mine.nonce) as Blob;
  }

  async reveal(_: CallId, nonce: Blob): Promise<readonly number[] | null> {
    if (!this.#commitment || !this.#mine || !this.#theirs) throw new Error("nothing committed");
    const [mine, commitment] = [this.#mine, this.#commitment];
    const side = { ...this.#theirs, nonce: bytes(nonce) };
    return counted(async () => {
      if (!(await isCommitted(commitment, side, bytes(CALL)))) return null;
      return sasNumbers(mine, side, bytes(CALL));
    });
  }
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fromBase64Url(text) ?? []);
}

/** Two sides with somebody in between who may change what passes, or the certificates. */
function sides(options: { between?: (said: SasContent) => SasContent; certificates?: [string, string] } = {}) {
  const [annas, bens] = options.certificates ?? ["a", "b"];
  const log: string[] = [];
  const pass = (from: string, to: () => Comparison) => (said: SasContent) => {
    log.push(`${from} ${said.step}`);
    const read = readSignal({ ...(options.between ?? ((same) => same))(said), peer: "p" });
    if (read?.kind === "sas") queueMicrotask(() => to().heard(read));
  };
  const make = (name: number, say: (said: SasContent) => void, fingerprints: { own: string; other: string }): Comparison =>
    new Comparison({
      call: CALL,
      to: { account: `${3 - name}` as AccountId, device: `${3 - name}` as DeviceId },
      sas: new Maths(name, 3 - name),
      say,
      fingerprints: () => fingerprints,
    });
  const anna: Comparison = make(1, pass("anna", () => ben), { own: annas, other: "b" });
  const ben: Comparison = make(2, pass("ben", () => anna), { own: bens, other: "a" });
  return { anna, ben, log };
}

/** Until nothing is under way: between sums there are only microtasks. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (sums > 0) await settle();
}

test("both commit before either opens, and both see the same seven", async () => {
  const { anna, ben, log } = sides();
  anna.begin();
  await settle();
  expect(ben.state.snapshot()).toEqual({ type: "asked" });
  ben.begin();
  await settle();
  const shown = anna.state.snapshot();
  expect(shown.type === "shown" && shown.numbers).toHaveLength(7);
  expect(ben.state.snapshot()).toEqual(shown);
  expect(log).toEqual(["anna commit", "ben commit", "ben reveal", "anna reveal"]);
});

test("both may begin at the same moment", async () => {
  const { anna, ben } = sides();
  anna.begin();
  ben.begin();
  await settle();
  expect(anna.state.snapshot().type).toBe("shown");
  expect(ben.state.snapshot()).toEqual(anna.state.snapshot());
});

test("whoever opens something else than was committed to breaks it on both sides", async () => {
  const other = toBase64Url(new Uint8Array(32).fill(7)) as Blob;
  const { anna, ben } = sides({
    between: (said) => (said.step === "reveal" ? { ...said, value: other } : said),
  });
  anna.begin();
  await settle();
  ben.begin();
  await settle();
  expect([anna, ben].map(({ state }) => state.snapshot().type)).toContain("broken");
  expect([anna, ben].map(({ state }) => state.snapshot().type)).not.toContain("shown");
});

test("who has put another certificate in between is found out", async () => {
  const { anna, ben } = sides({ certificates: ["a", "x"] });
  anna.begin();
  ben.begin();
  await settle();
  expect([anna, ben].map(({ state }) => state.snapshot().type)).not.toContain("shown");
});

test("whoever sees other pictures tells the other side that it is over", async () => {
  const { anna, ben } = sides();
  anna.begin();
  ben.begin();
  await settle();
  ben.differ();
  await settle();
  expect(ben.state.snapshot()).toEqual({ type: "broken" });
  expect(anna.state.snapshot()).toEqual({ type: "lost" });
});

test("whoever has compared leaves the other side its pictures", async () => {
  const { anna, ben } = sides();
  anna.begin();
  ben.begin();
  await settle();
  ben.stop();
  await settle();
  expect(anna.state.snapshot().type).toBe("shown");
});

test("a second commitment is refused", async () => {
  const { anna } = sides();
  anna.begin();
  await settle();
  const commit = { kind: "sas", step: "commit", value: toBase64Url(new Uint8Array(32).fill(1)) as Blob } as const;
  anna.heard(commit);
  anna.heard({ ...commit, value: toBase64Url(new Uint8Array(32).fill(2)) as Blob });
  await settle();
  expect(anna.state.snapshot()).toEqual({ type: "broken" });
});

test("another connection, or a side that has gone, breaks it off; it can begin anew", async () => {
  const { anna, ben } = sides();
  anna.begin();
  await settle();
  ben.begin();
  await settle();
  ben.reset();
  expect(ben.state.snapshot()).toEqual({ type: "lost" });
  ben.stop();
  await settle();
  expect(anna.state.snapshot()).toEqual({ type: "lost" });
  anna.begin();
  await settle();
  ben.begin();
  await settle();
  expect(anna.state.snapshot().type).toBe("shown");
});
