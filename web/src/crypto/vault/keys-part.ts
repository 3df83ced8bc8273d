// The account's own keys: made at registration, opened at sign-in, renewed when
// a device is lost. The master key and the signing key exist here only as long
// as a call takes; what stays are keys that do not come out.

import type { AccountId, Blob, DeviceId, Millis, NewKeys, SealedApproval, SignedRecord, Wrap } from "@/protocol/wire";

import type { CreatedKeys, HeldKeys, Keys, Opener, PasskeyOutput, Renewed, Status } from "./api";
import { approvalTag } from "../approval";
import { type BundleContent, openBundle, sealBundle } from "../bundle";
import { type Bytes, aeadKey, aeadOpen, aeadSeal, bytes, concat, equal, fromUtf8, label, random, sha256, text, utf8 } from "../bytes";
import { newSigningPair, signingPair } from "../ed25519";
import { type SealPair, sealPair } from "../hpke";
import { passkeyPair, signPasskey } from "../passkey";
import { type AccountRecord, NO_RECORD, RecordRefused, signRecord } from "../record";
import { formatRecoveryCode, parseRecoveryCode, recoveryAuth } from "../recovery-code";
import { openApproval, openWrap, passwordKey, prfKey, recoveryKey, sealApproval, sealWrap } from "../wrap";
import { followRecords } from "./people";
import { NOTHING, OWN, type VaultRoom, fail } from "./room";
import type { ContactRow, OwnRow } from "./rows";

/** Keys of one generation, for the time of a call. */
interface Fresh {
  readonly amk: Bytes;
  readonly content: BundleContent;
  readonly asKey: CryptoKey;
  readonly asPub: Blob;
  readonly pair: SealPair;
  readonly aePub: Blob;
}

/** The pair of a running request for approval. */
export interface Approving {
  pair: SealPair | null;
}

export class KeysPart implements Keys {
  readonly #room: VaultRoom;
  readonly #approving: Approving;

  constructor(room: VaultRoom, approving: Approving) {
    this.#room = room;
    this.#approving = approving;
  }

  async status(): Promise<Status> {
    const own = await this.#room.store.get("own", OWN);
    const contact = await this.#room.contact(this.#room.account);
    const record = contact?.record.version ?? 0;
    if (!own) return { device: null, state: "none", record, guest: false };
    const guest = own.guest !== null;
    const listed = contact?.record.devices.find(({ id }) => id === own.device);
    if (listed && listed.revoked !== null) return { device: null, state: "revoked", record, guest };
    // Keys that were begun anew are newer than the record until the server has told of it.
    const stale = contact !== undefined && !own.ae.some(({ g }) => g >= contact.record.g);
    return { device: own.device, state: stale ? "stale" : "ready", record, guest };
  }

  async create({ device, exportKey, now }: { device: DeviceId; exportKey: Blob; now: Millis }): Promise<CreatedKeys> {
    const { fresh, ds, signed } = await this.#first(device, now);
    const made = await this.#sealed(fresh, signed, exportKey);
    await this.#keep(device, ds, fresh, [], null);
    await this.#learn([signed]);
    return made;
  }

  async createGuest({ device, now }: { device: DeviceId; now: Millis }): Promise<{ record: SignedRecord }> {
    const { fresh, ds, signed } = await this.#first(device, now);
    await this.#keep(device, ds, fresh, [], await guestKeys(this.#room.account, fresh, signed));
    await this.#learn([signed]);
    return { record: signed };
  }

  /** Keys and record of a new account. */
  async #first(device: DeviceId, now: Millis): Promise<{ fresh: Fresh; ds: Awaited<ReturnType<typeof newSigningPair>>; signed: SignedRecord }> {
    const fresh = await makeKeys(1, 1, [], random(32));
    const ds = await newSigningPair();
    const devices = [{ id: device, ds_pub: text<Blob>(ds.publicKey), added: now, revoked: null }];
    const signed = await signRecord(recordOf(this.#room.account, fresh, { devices, version: 1, prev: NO_RECORD, reset: false }), fresh.asKey, null);
    return { fresh, ds, signed };
  }

  async unlock({ device, by, keys, now }: { device: DeviceId; by: Opener; keys: HeldKeys; now: Millis }): Promise<{ record: SignedRecord | null }> {
    const { record, hashes } = await this.#learn(keys.records);
    const fresh = await this.#opened(by, keys, record);
    const held = await this.#room.store.get("own", OWN);
    const listed = record.devices.find(({ id }) => id === device);
    const old = await oldPairs(fresh.content);
    if (held?.device === device && listed?.ds_pub === held.dsPub && listed.revoked === null) {
      await this.#keep(device, { key: held.ds, publicKey: bytes(held.dsPub) }, fresh, old, held.guest);
      return { record: null };
    }
    // The server names a device for each sign-in without one; an id that is in use has other keys.
    if (listed) fail("records");
    // A try that did not get through has made the keys already.
    const ds = held?.device === device ? { key: held.ds, publicKey: bytes(held.dsPub) } : await newSigningPair();
    const devices = [...record.devices, { id: device, ds_pub: text<Blob>(ds.publicKey), added: now, revoked: null }];
    const next = { devices, version: record.version + 1, prev: hashes.at(-1) ?? NO_RECORD, reset: false };
    await this.#keep(device, ds, fresh, old, null);
    return { record: await signRecord(recordOf(this.#room.account, fresh, next), fresh.asKey, null) };
  }

  async revokeDevice(ask: { device: DeviceId; by: Opener; exportKey: Blob; keys: HeldKeys; now: Millis }): Promise<CreatedKeys> {
    const { record, hashes } = await this.#learn(ask.keys.records);
    if (!record.devices.some(({ id, revoked }) => id === ask.device && revoked === null)) fail("records");
    const before = await this.#opened(ask.by, ask.keys, record);
    const old = [...before.content.old_ae, { g: before.content.g, sk: before.content.ae_sk }];
    const settingsKey = bytes(before.content.settings_key);
    const fresh = await makeKeys(record.g + 1, record.bundle_version + 1, old, settingsKey);
    const devices = record.devices.map((one) => (one.id === ask.device ? { ...one, revoked: ask.now } : one));
    const next = { devices, version: record.version + 1, prev: hashes.at(-1) ?? NO_RECORD, reset: false };
    const signed = await signRecord(recordOf(this.#room.account, fresh, next), fresh.asKey, before.asKey);
    // Old keys stay, so nothing is lost when the record is not taken.
    await this.#room.changeOwn((own) => ({ ...own, ae: [...own.ae.filter(({ g }) => g !== fresh.content.g), { g: fresh.content.g, pair: fresh.pair }] }));
    return this.#sealed(fresh, signed, ask.exportKey);
  }

  async rewrap({ by, exportKey, keys }: { by: Opener; exportKey: Blob; keys: HeldKeys }): Promise<{ wrap: Wrap }> {
    const amk = await this.#master(by, keys.wraps);
    return { wrap: await sealWrap(await passwordKey(bytes(exportKey), this.#room.account), this.#room.account, "password", amk) };
  }

  async renewRecovery({ by, keys }: { by: Opener; keys: HeldKeys }): Promise<Renewed> {
    return this.#recovery(await this.#master(by, keys.wraps));
  }

  async keepAccount({ exportKey }: { exportKey: Blob }): Promise<CreatedKeys> {
    const { account } = this.#room;
    const { guest } = await this.#room.own();
    if (!guest) fail("locked");
    const { kek, nonce, ct, bundle, record } = guest;
    const amk = (await aeadOpen(kek, bytes(nonce), bytes(ct), GUEST)) ?? fail("locked");
    const password = await sealWrap(await passwordKey(bytes(exportKey), account), account, "password", amk);
    const { recoveryCode, wrap, recoveryAuthHash } = await this.#recovery(amk);
    return { keys: { record, bundle, wraps: [password, wrap], recovery_auth_hash: recoveryAuthHash }, recoveryCode };
  }

  async accountKept(): Promise<void> {
    await this.#room.changeOwn((own) => ({ ...own, guest: null }));
  }

  async reset(ask: { device: DeviceId; exportKey: Blob; records: readonly SignedRecord[]; now: Millis }): Promise<CreatedKeys> {
    const { record, hashes } = await this.#learn(ask.records);
    const fresh = await makeKeys(record.g + 1, record.bundle_version + 1, [], random(32));
    const ds = await newSigningPair();
    const gone = record.devices.map((one) => ({ ...one, revoked: one.revoked ?? ask.now }));
    const devices = [...gone, { id: ask.device, ds_pub: text<Blob>(ds.publicKey), added: ask.now, revoked: null }];
    const next = { devices, version: record.version + 1, prev: hashes.at(-1) ?? NO_RECORD, reset: true };
    const signed = await signRecord(recordOf(this.#room.account, fresh, next), fresh.asKey, null);
    await this.#room.store.remove("own", OWN);
    await this.#keep(ask.device, ds, fresh, [], null);
    return this.#sealed(fresh, signed, ask.exportKey);
  }

  async recoveryAuth({ code }: { code: string }): Promise<{ auth: Blob }> {
    const parsed = (await parseRecoveryCode(code)) ?? fail("recovery_code");
    return { auth: text(await recoveryAuth(parsed)) };
  }

  async requestApproval(): Promise<{ request: Blob; tag: Blob }> {
    const { pair, publicKey } = await sealPair(random(32));
    this.#approving.pair = pair;
    return { request: text(publicKey), tag: text(await approvalTag(publicKey)) };
  }

  async approvalTag({ request }: { request: Blob }): Promise<{ tag: Blob }> {
    return { tag: text(await approvalTag(bytes(request, 32))) };
  }

  async approve(ask: { request: Blob; tag: Blob; by: Opener; keys: HeldKeys }): Promise<{ approval: SealedApproval }> {
    const to = bytes(ask.request, 32);
    if (!equal(await approvalTag(to), bytes(ask.tag))) fail("swapped");
    const amk = await this.#master(ask.by, ask.keys.wraps);
    return { approval: (await sealApproval(to, this.#room.account, amk)) ?? fail("format") };
  }

  async addPasskey({ passkey, by, keys }: { passkey: PasskeyOutput; by: Opener; keys: HeldKeys }): Promise<{ wrap: Wrap; sign: Blob }> {
    const amk = await this.#master(by, keys.wraps);
    // A wrap of a key that is not the bundle's would open nothing.
    if (!(await openBundle(amk, this.#room.account, keys.bundle))) fail("bundle");
    const kek = await this.#kek({ type: "prf", ...passkey });
    const { publicKey } = await passkeyPair(bytes(passkey.output, 32), bytes(passkey.credential));
    return { wrap: await sealWrap(kek, this.#room.account, "prf", amk), sign: text(publicKey) };
  }

  async signPasskey({ passkey, server, challenge }: { passkey: PasskeyOutput; server: string; challenge: Blob }): Promise<{ signature: Blob }> {
    const credential = bytes(passkey.credential);
    const { key } = await passkeyPair(bytes(passkey.output, 32), credential);
    return { signature: text(await signPasskey(key, { server, challenge: bytes(challenge, 32) }, this.#room.account, credential)) };
  }

  async forget(): Promise<void> {
    await this.#room.store.destroy();
  }

  async protect(ask: { text: string }): Promise<{ sealed: Bytes }> {
    const { local } = await this.#room.own();
    const nonce = random(12);
    return { sealed: concat(nonce, await aeadSeal(local, nonce, utf8(ask.text), LOCAL)) };
  }

  async unprotect({ sealed }: { sealed: Bytes }): Promise<{ text: string | null }> {
    const { local } = await this.#room.own();
    const opened = await aeadOpen(local, sealed.slice(0, 12), sealed.slice(12), LOCAL);
    return { text: opened && fromUtf8(opened) };
  }

  /** The own record as the server tells it, held against what was seen before. */
  async #learn(records: readonly SignedRecord[]): Promise<ContactRow> {
    const { account, store } = this.#room;
    return this.#room.alone(`people/${account}`, async () => {
      try {
        const row = await followRecords(account, await this.#room.contact(account), records);
        if (!row) fail("records");
        await store.put("contacts", account, row);
        return row;
      } catch (error) {
        if (error instanceof RecordRefused) fail(error.reason === "rollback" ? "rollback" : "records");
        throw error;
      }
    });
  }

  /** The bundle's keys, if they are those of the record. */
  async #opened(by: Opener, keys: HeldKeys, record: AccountRecord): Promise<Fresh> {
    const { account } = this.#room;
    const amk = await this.#master(by, keys.wraps);
    if (keys.bundle.version < record.bundle_version) fail("rollback");
    const content = (await openBundle(amk, account, keys.bundle)) ?? fail("bundle");
    const fresh = await freshOf(amk, content);
    if (content.g !== record.g || fresh.asPub !== record.as_pub || fresh.aePub !== record.ae_pub) fail("bundle");
    return fresh;
  }

  async #master(by: Opener, wraps: readonly Wrap[]): Promise<Bytes> {
    const { account } = this.#room;
    if (by.type === "device") {
      const pair = this.#approving.pair ?? fail("locked");
      return (await openApproval(pair, account, by.approval)) ?? fail("format");
    }
    const kek = await this.#kek(by);
    for (const wrap of wraps) {
      const amk = wrap.type === by.type ? await openWrap(kek, account, wrap) : null;
      if (amk) return amk;
    }
    return fail(PROBLEM[by.type]);
  }

  async #kek(by: Exclude<Opener, { type: "device" }>): Promise<Bytes> {
    switch (by.type) {
      case "password":
        return passwordKey(bytes(by.exportKey), this.#room.account);
      case "recovery":
        return recoveryKey((await parseRecoveryCode(by.code)) ?? fail("recovery_code"), this.#room.account);
      case "prf":
        return prfKey(bytes(by.output, 32), bytes(by.credential));
    }
  }

  async #sealed(fresh: Fresh, record: SignedRecord, exportKey: Blob): Promise<CreatedKeys> {
    const { account } = this.#room;
    const { recoveryCode, wrap, recoveryAuthHash } = await this.#recovery(fresh.amk);
    const password = await sealWrap(await passwordKey(bytes(exportKey), account), account, "password", fresh.amk);
    const keys: NewKeys = {
      record,
      bundle: await sealBundle(fresh.amk, account, fresh.content),
      wraps: [password, wrap],
      recovery_auth_hash: recoveryAuthHash,
    };
    return { keys, recoveryCode };
  }

  async #recovery(amk: Bytes): Promise<Renewed> {
    const { account } = this.#room;
    const code = random(16);
    return {
      recoveryCode: await formatRecoveryCode(code),
      wrap: await sealWrap(await recoveryKey(code, account), account, "recovery", amk),
      recoveryAuthHash: text(await sha256(await recoveryAuth(code))),
    };
  }

  async #keep(device: DeviceId, ds: { key: CryptoKey; publicKey: Bytes }, fresh: Fresh, old: OwnRow["ae"], guest: OwnRow["guest"]): Promise<void> {
    await this.#room.alone(OWN, async () => {
      const held = await this.#room.store.get("own", OWN);
      const row: OwnRow = {
        device,
        ds: ds.key,
        dsPub: text(ds.publicKey),
        ae: [...old, { g: fresh.content.g, pair: fresh.pair }],
        settingsKey: await aeadKey(bytes(fresh.content.settings_key)),
        settings: held?.settings ?? { version: 0, items: {} },
        local: held?.local ?? (await aeadKey(random(32))),
        guest,
      };
      await this.#room.store.put("own", OWN, row);
      if (held && held.device !== device) await this.#startCounters();
    });
  }

  /** Another device counts its own envelopes, from the first. */
  async #startCounters(): Promise<void> {
    const { store } = this.#room;
    for (const conversation of await store.keys("chains")) {
      await this.#room.alone(conversation, async () => {
        const chain = await store.get("chains", conversation);
        if (chain) await store.put("chains", conversation, { ...chain, n: 0, prev: NOTHING, waiting: null, abandoned: [] });
      });
    }
  }
}

async function makeKeys(g: number, version: number, old: BundleContent["old_ae"], settingsKey: Bytes): Promise<Fresh> {
  return freshOf(random(32), {
    g,
    as_seed: text(random(32)),
    ae_sk: text(random(32)),
    old_ae: old,
    settings_key: text(settingsKey),
    bundle_version: version,
  });
}

async function freshOf(amk: Bytes, content: BundleContent): Promise<Fresh> {
  const signing = await signingPair(bytes(content.as_seed));
  const { pair, publicKey } = await sealPair(bytes(content.ae_sk));
  return { amk, content, asKey: signing.key, asPub: text(signing.publicKey), pair, aePub: text(publicKey) };
}

async function oldPairs({ old_ae }: BundleContent): Promise<OwnRow["ae"]> {
  return Promise.all(old_ae.map(async ({ g, sk }) => ({ g, pair: (await sealPair(bytes(sk))).pair })));
}

function recordOf(account: AccountId, { content, asPub, aePub }: Fresh, next: Pick<AccountRecord, "devices" | "version" | "prev" | "reset">): AccountRecord {
  const { g, bundle_version } = content;
  return { v: 1, account, suite: 1, g, as_pub: asPub, ae_pub: aePub, bundle_version, ...next };
}

/** A guest's master key under a key that does not come out of this browser, and what the server gets when the account is kept. */
async function guestKeys(account: AccountId, { amk, content }: Fresh, record: SignedRecord): Promise<OwnRow["guest"]> {
  const kek = await aeadKey(random(32));
  const nonce = random(12);
  const ct = await aeadSeal(kek, nonce, amk, GUEST);
  return { kek, nonce: text(nonce), ct: text(ct), bundle: await sealBundle(amk, account, content), record };
}

/** What is wrong when an opener opens nothing. */
const PROBLEM = { password: "password", recovery: "recovery_code", prf: "passkey" } as const;
const GUEST = label("guest");
const LOCAL = label("local");
