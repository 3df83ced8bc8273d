// The vault as the session asks it, over the vault as it is: names and shapes
// are put into each other here, and nothing is decided.

import { openVault, type Content as VaultContent, type ControlChange, type ControlRequest, type Opened as VaultOpened, type Opener, type Signal, VaultError } from "@/crypto";
import type { AccountId, Blob, ConversationId, ConversationKind, EnvelopeId, Keys, LinkId } from "@/protocol/wire";
import { toBase64Url } from "@/lib/base64";

import { readContent, writeContent } from "../content";
import { Refused } from "../error";
import { NotNow } from "../outbox";
import type { Change, Group, NewMember, Opened, Told } from "../vault";
import { Mistyped } from "./mistyped";
import { Swapped } from "./swapped";
import type { AccountVault, Key, Vaults } from "./smith";

/** The vaults of this browser. */
export const browserVaults: Vaults = {
  open: accountVault,
  readCode: async (typed) => {
    await proveCode(typed);
    return typed as Blob;
  },
  recoveryAuth: (code) => proveCode(code),
  requestApproval: () => anybody().requestApproval(),
  approvalTag: (request) => unlessMalformed(async () => (await anybody().approvalTag({ request })).tag),
  linkAuth: (id, secret) => unlessMalformed(async () => (await anybody().linkAuth({ id: id as LinkId, secret })).auth),
};

/** Null for what cannot be of its kind. */
async function unlessMalformed<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof VaultError && error.problem === "format") return null;
    throw error;
  }
}

/** What needs no account is asked of a vault that holds none. */
function anybody() {
  return openVault("" as AccountId);
}

async function proveCode(code: string): Promise<Blob> {
  try {
    return (await anybody().recoveryAuth({ code })).auth;
  } catch (error) {
    if (error instanceof VaultError && error.problem === "recovery_code") throw new Mistyped();
    throw error;
  }
}

function accountVault(account: AccountId): AccountVault {
  const vault = openVault(account);
  /** Conversations whose log does not hold, and whose records their next event waits for. */
  const refused = new Set<ConversationId>();
  const waits = new Map<ConversationId, readonly AccountId[]>();

  const group = async (conversation: ConversationId): Promise<Group | null> => {
    const state = await vault.conversation({ conversation });
    if (!state) return null;
    const { next, epoch, since, from, missing, members, links } = state;
    const anew = members.flatMap(({ account: id, reset }) => (reset ? [id] : []));
    return { next, epoch, since, from, missing, anew, links, refused: refused.has(conversation), waits: waits.get(conversation) ?? [] };
  };
  const there = async (conversation: ConversationId): Promise<Group> =>
    (await group(conversation)) ?? {
      next: 0,
      epoch: 0,
      since: 0,
      from: 0,
      missing: [],
      anew: [],
      links: [],
      refused: refused.has(conversation),
      waits: waits.get(conversation) ?? [],
    };
  const held = ({ records, bundle, wraps }: Keys) => ({ records, bundle, wraps: wraps ?? [] });
  const prepare = async (conversation: ConversationId, op: ControlRequest) => {
    const { envelope, grants } = await vault.prepareControl({ conversation, op, now: Date.now() });
    return { envelope, grants: [...grants] };
  };

  return {
    recordVersion: async (id) => (await vault.contacts({ accounts: [id] }))[0]?.version ?? 0,
    learnRecords: async (id, records) => void (await vault.learnRecords({ account: id, records })),
    group,
    async learnControl(conversation, events) {
      const applied = await vault.applyControl({ conversation, events });
      waits.set(conversation, applied.needs.records);
      if (applied.refused) refused.add(conversation);
      else refused.delete(conversation);
      return there(conversation);
    },
    async learnGrants(conversation, grants) {
      await vault.learnGrants({ conversation, grants });
      return there(conversation);
    },
    async open(conversation, entries, before) {
      const page = await vault.open({ conversation, entries, ...(before ? { before } : {}) });
      const kind = (await vault.conversation({ conversation }))?.kind ?? "room";
      return { entries: page.entries.map((one) => openedOf(one, kind)), needs: page.needs, broken: page.transcript === "broken" };
    },
    async seal(conversation, content, tag) {
      const made = await vault.seal({ conversation, content: writeContent(content) as VaultContent, tag, now: Date.now() }).catch(passing);
      if (made.type === "sealed") return { id: made.id, envelope: made.envelope, tag, grants: null };
      return { id: made.id, envelope: made.envelope, tag: made.tag, grants: made.grants };
    },
    reseal: async (conversation, id) => {
      const { id: name, envelope } = await vault.reseal({ conversation, id, now: Date.now() }).catch(passing);
      return { id: name, envelope };
    },
    async change(conversation, change) {
      const made = await vault
        .prepareControl({ conversation, op: requestOf(change, account), now: Date.now() })
        .catch(passing);
      return { ...made, tag: null };
    },
    async link(conversation, { role, expires, lobby }) {
      const id = toBase64Url(crypto.getRandomValues(new Uint8Array(16))) as LinkId;
      const made = await vault.makeLink({ id, role, expires, lobby });
      const control = await prepare(conversation, { type: "link_add", link: made.link });
      return { id, link: { auth_hash: made.authHash }, control, secret: made.secret };
    },
    async joinByLink(link, secret, opened) {
      const made = await vault.joinByLink({ link, secret, opened, now: Date.now() }).catch(passing);
      return { ...made, tag: null };
    },
    signKnock: async (conversation, link, secret) => (await vault.signKnock({ conversation, link, secret })).signature,
    verifyKnock: (conversation, knock, now) => vault.verifyKnock({ conversation, knock, now }),
    waiting: (conversation) => vault.unconfirmed({ conversation }),
    confirmed: async (conversation, id, { seq, time }) => void (await vault.confirm({ conversation, id, seq, time })),
    abandon: (conversation, id) => vault.abandon({ conversation, id }),
    recount: (conversation, chain) => vault.recount({ conversation, chain }),
    grant: async (conversation, epoch, to) => [...((await vault.regrant({ conversation, epoch, to }))?.grants ?? [])],
    async sealSignal({ call, conversation, account: to, device, content }) {
      const signal = content as Signal;
      const { envelope } = await vault
        .sealSignal({ call, conversation, to: { account: to, device }, signal, now: Date.now() })
        .catch(passing);
      return envelope;
    },
    async openSignal(signal) {
      const opened = await vault.openSignal({ ...signal, now: Date.now() });
      return opened.type === "signal" ? { content: opened.signal } : opened;
    },
    contacts: () => vault.contacts({}),
    safetyNumber: (id) => vault.safetyNumber({ account: id }),
    scan: async (id, code) => {
      const { match, sync } = await vault.scan({ account: id, code });
      return { match, sealed: sync };
    },
    setVerified: async (id, verified) => (await vault.setVerified({ account: id, verified, now: Date.now() })).sync,
    acceptKeys: async (id) => (await vault.acceptKeys({ account: id, now: Date.now() })).sync,
    learnSettings: async (settings) => (await vault.learnSettings({ settings })).sync,
    startSas: async (legs) => (await vault.startSas(legs)).commitment,
    commitSas: async (call, commitment) => (await vault.commitSas({ call, commitment })).nonce,
    revealSas: async (call, nonce) => (await vault.revealSas({ call, nonce })).emoji,
    forget: (conversation) => vault.leaveConversation({ conversation }),
    erase: () => vault.forget(),

    holds: async (device) => {
      const status = await vault.status();
      return status.device === device && status.state === "ready";
    },
    has: async (device) => (await vault.status()).device === device,
    create: async (device, exportKey) => coded(await vault.create({ device, exportKey: keyOf(exportKey), now: Date.now() })),
    createGuest: async (device) => (await vault.createGuest({ device, now: Date.now() })).record,
    keepAccount: async (exportKey) => coded(await vault.keepAccount({ exportKey: keyOf(exportKey) })),
    accountKept: () => vault.accountKept(),
    foundEveryone: (everyone) =>
      prepare(everyone, { type: "create", kind: "everyone", name: null, history: "all", members: [] }),
    async joinEveryone(invite, secret, { conversation, control, records, grants }) {
      // An invite from the command line has no keys.
      if (control.length === 0) return null;
      for (const one of records) await vault.learnRecords(one);
      await vault.applyControl({ conversation, events: control });
      const link = invite as string as LinkId;
      await vault.openLink({ conversation, id: link, secret, grants });
      return prepare(conversation, { type: "join", link, secret });
    },
    unlock: async (device, by, stored) =>
      (await vault.unlock({ device, by: openerOf(by), keys: held(stored), now: Date.now() })).record,
    addPasskey: (passkey, by, stored) => vault.addPasskey({ passkey, by: openerOf(by), keys: held(stored) }),
    signPasskey: async (passkey, server, challenge) => (await vault.signPasskey({ passkey, server, challenge })).signature,
    async approve(by, { request, tag }, stored) {
      try {
        return (await vault.approve({ request, tag, by: openerOf(by), keys: held(stored) })).approval;
      } catch (error) {
        if (error instanceof VaultError && error.problem === "swapped") throw new Swapped();
        throw error;
      }
    },
    rewrap: async (by, next, stored) =>
      (await vault.rewrap({ by: openerOf(by), exportKey: keyOf(next), keys: held(stored) })).wrap,
    async newCode(by, stored) {
      const made = await vault.renewRecovery({ by: openerOf(by), keys: held(stored) });
      const keys = { wrap: made.wrap, recovery_auth_hash: made.recoveryAuthHash, bundle_version: stored.bundle.version };
      return { keys, code: made.recoveryCode };
    },
    async recover(code, next, { device, records, recovery }) {
      if (!recovery) throw new VaultError("bundle");
      const by = { type: "recovery", code } as const;
      const keys = { records, bundle: recovery.bundle, wraps: [recovery.wrap] };
      const { record } = await vault.unlock({ device, by, keys, now: Date.now() });
      if (!record) throw new VaultError("records");
      const { wrap } = await vault.rewrap({ by, exportKey: keyOf(next), keys });
      const renewed = await vault.renewRecovery({ by, keys });
      return {
        keys: { record, bundle: recovery.bundle, wraps: [wrap, renewed.wrap], recovery_auth_hash: renewed.recoveryAuthHash },
        code: renewed.recoveryCode,
      };
    },
    reset: async (next, { device, records }) =>
      coded(await vault.reset({ device, exportKey: keyOf(next), records, now: Date.now() })),
    revoke: async (device, exportKey, stored) =>
      coded(
        await vault.revokeDevice({
          device,
          by: { type: "password", exportKey: keyOf(exportKey) },
          exportKey: keyOf(exportKey),
          keys: held(stored),
          now: Date.now(),
        }),
      ),
    settle: async () => {},
  };
}

function coded<T>({ keys, recoveryCode }: { keys: T; recoveryCode: string }): { keys: T; code: string } {
  return { keys, code: recoveryCode };
}

function openerOf(by: Key): Opener {
  return by.type === "password" ? { type: by.type, exportKey: keyOf(by.exportKey) } : by;
}

/** What OPAQUE gives is base64url already. */
function keyOf(exportKey: string): Blob {
  return exportKey as Blob;
}

/** What the vault cannot do now but may do later waits; what it must not do is a no like the server's. */
function passing(error: unknown): never {
  if (!(error instanceof VaultError)) throw error;
  if (error.problem === "no_key" || error.problem === "no_conversation" || error.problem === "unknown_person") {
    throw new NotNow(error.message);
  }
  if (error.problem === "not_allowed" || error.problem === "keys_changed") {
    throw new Refused({ code: "forbidden", detail: error.message }, error.problem);
  }
  if (error.problem === "too_large") throw new Refused({ code: "too_large", detail: error.message }, error.problem);
  throw error;
}

function requestOf(change: Change, own: AccountId): ControlRequest {
  const invited = (members: readonly NewMember[]) =>
    members
      .filter(({ account }) => account !== own)
      .map(({ account, role, via }) => ({
        account,
        role: role === "guest" ? ("guest" as const) : ("member" as const),
        ...(via ? { via } : {}),
      }));
  switch (change.type) {
    case "create":
      return { ...change, members: invited(change.members) };
    case "add":
      return { type: "add", members: invited(change.members) };
    default:
      return change;
  }
}

function openedOf(opened: VaultOpened, kind: ConversationKind): Opened | null {
  switch (opened.type) {
    case "call":
      return null;
    case "refused":
      return {
        id: opened.id ?? ("" as EnvelopeId),
        sender: opened.from ?? ("" as AccountId),
        device: null,
        content: null,
        change: null,
        reason: opened.reason,
        warnings: [],
      };
    case "control": {
      const { id, from: sender, device, warnings } = opened;
      return { id, sender, device, content: null, change: toldOf(opened.change, kind), reason: null, warnings };
    }
    case "content": {
      const { id, from: sender, device, warnings } = opened;
      const content = readContent(opened.content);
      return { id, sender, device, content, change: null, reason: content ? null : "bad_content", warnings };
    }
  }
}

function toldOf(change: ControlChange, kind: ConversationKind): Told {
  if (change.type === "create") return { type: "create", kind, name: change.name, history: "all", members: [] };
  return change;
}
