// Conversations: follows their control logs, keeps the secrets that were
// granted, and makes control events with exactly the grants that are due.

import type { AccountId, Blob, ControlEvent, ConversationId, Grant, GranteeId, Knock, LinkId, MemberRole, Millis, OwnGrant } from "@/protocol/wire";

import type { Applied, ControlRequest, ConversationState, Conversations, Learned, LinkContents, MadeLink, PreparedControl } from "./api";
import { type Bytes, bytes, random, secretKey, text } from "../bytes";
import { type NewMember, type Op, commitment, encodeControl, payloadHash } from "../control";
import { ControlRefused, type Effect, dueGrants, effectOf, grantee } from "../control-rules";
import { type ControlState, linkOf, memberOf, stateHash } from "../control-state";
import { signEnvelope } from "../envelope";
import { type GrantPlace, openGrant, sealGrant } from "../grant";
import type { SealPair } from "../hpke";
import { isKnockSigned, linkAuth, linkAuthHash, linkKeys, signJoin, signKnock } from "../link";
import { clean } from "../name";
import { type Followed, follow, readableEpochs } from "./control-log";
import { type PeoplePart, contactOf, isIdentity, newestOf } from "./people";
import { headerOf } from "./header";
import { NOTHING, type VaultRoom, fail } from "./room";
import type { ChainRow, ContactRow, ConversationRow, OwnRow, SecretRow } from "./rows";

export class ConversationsPart implements Conversations {
  readonly #room: VaultRoom;
  readonly #people: PeoplePart;
  /** Secrets that came by a link, until one has joined. */
  readonly #linked = new Map<ConversationId, Map<number, Bytes>>();

  constructor(room: VaultRoom, people: PeoplePart) {
    this.#room = room;
    this.#people = people;
  }

  applyControl({ conversation, events }: { conversation: ConversationId; events: readonly ControlEvent[] }): Promise<Applied> {
    return this.#room.alone(conversation, async () => applied(await this.follow(conversation, events)));
  }

  /** Follows events; the caller is alone with the conversation. */
  async follow(conversation: ConversationId, events: readonly ControlEvent[]): Promise<Followed> {
    const before = (await this.#room.conversation(conversation)) ?? null;
    const followed = await follow(conversation, before, events, (account) => this.#room.contact(account));
    if (followed.row && followed.row !== before) {
      await this.#room.store.put("conversations", conversation, followed.row);
      await this.#settle(conversation, followed.row);
    }
    return followed;
  }

  async conversation({ conversation }: { conversation: ConversationId }): Promise<ConversationState | null> {
    const row = await this.#room.conversation(conversation);
    if (!row) return null;
    const { kind, name, history, members, links, epoch, index } = row.state;
    const known = await this.#room.contacts(members.map(({ account }) => account));
    return {
      kind,
      name,
      history,
      members: members.map(({ account, role, as, via }) => {
        const contact = known.get(account);
        return { account, role, as, via, reset: contact !== undefined && !isIdentity(contact, as) };
      }),
      links: links.map(({ id, by, role, expires, lobby }) => ({ id, by, role: role as "member" | "guest", expires, lobby })),
      epoch,
      next: index + 1,
      missing: missingEpochs(row, this.#room.account),
      since: row.epochs.at(-1)?.since ?? 0,
      from: row.epochs.at(-1)?.from ?? 0,
    };
  }

  prepareControl({ conversation, op, now }: { conversation: ConversationId; op: ControlRequest; now: Millis }): Promise<PreparedControl> {
    return this.#room.alone(conversation, async () => {
      const chain = await this.#room.chain(conversation);
      if (chain.waiting) fail("unconfirmed");
      const row = (await this.#room.conversation(conversation)) ?? null;
      if (!row && op.type !== "create") fail("no_conversation");
      const own = await this.#room.own();
      const index = row ? row.state.index + 1 : 0;
      const full = await this.#fullOp(conversation, own, row, op, index);
      const effect = await this.#effect(conversation, row, full, index);
      return this.#sealEvent(conversation, own, row, chain, { op: full, effect, index, now });
    });
  }

  learnGrants({ conversation, grants }: { conversation: ConversationId; grants: readonly OwnGrant[] }): Promise<Learned> {
    return this.#room.alone(conversation, () => this.#learnGrants(conversation, grants));
  }

  async regrant({ conversation, epoch, to }: { conversation: ConversationId; epoch: number; to: AccountId }): Promise<{ grants: readonly Grant[] } | null> {
    const row = await this.#room.conversation(conversation);
    const member = row && memberOf(row.state, to);
    const contact = await this.#room.contact(to);
    if (!member || !contact || !readableEpochs(row, to).includes(epoch)) return null;
    const own = await this.#room.own();
    if (!isIdentity(contact, member.as) || contactOf(own, to, contact).blocked) return null;
    const secret = await this.#secret(conversation, own, row, epoch);
    const key = newestOf(contact, member.as);
    if (!secret || !key) return null;
    const sealed = await sealGrant(this.#place(conversation, row, epoch, grantee(to), this.#room.account), key.ae, key.g, secret);
    return sealed && { grants: [sealed] };
  }

  leaveConversation({ conversation }: { conversation: ConversationId }): Promise<void> {
    return this.#room.alone(conversation, async () => {
      const { store } = this.#room;
      await store.remove("conversations", conversation);
      for (const key of await store.keys("transcripts")) {
        if (key.startsWith(`${conversation}/`)) await store.remove("transcripts", key);
      }
      const chain = await this.#room.chain(conversation);
      await store.put("chains", conversation, { ...chain, runs: {}, covered: [], seen: null });
      this.#linked.delete(conversation);
    });
  }

  async makeLink({ id, role, expires, lobby }: { id: LinkId; role: "member" | "guest"; expires: Millis | null; lobby: boolean }): Promise<MadeLink> {
    const secret = random(32);
    const { sign, seal } = await linkKeys(secret, id);
    const link = { id, sign: text<Blob>(sign.publicKey), seal: text<Blob>(seal.publicKey), role, expires, lobby };
    return { secret: text(secret), authHash: await linkAuthHash(secret, id), link };
  }

  async linkAuth({ id, secret }: { id: LinkId; secret: Blob }): Promise<{ auth: Blob }> {
    return { auth: text(await linkAuth(bytes(secret, 32), id)) };
  }

  async openLink(ask: { conversation: ConversationId; id: LinkId; secret: Blob; grants: readonly OwnGrant[] }): Promise<Learned> {
    const row = (await this.#room.conversation(ask.conversation)) ?? fail("no_conversation");
    const { seal } = await linkKeys(bytes(ask.secret, 32), ask.id);
    const opened = new Map<number, Bytes>();
    const refused: Learned["refused"][number][] = [];
    for (const grant of ask.grants) {
      const secret = await this.#open(ask.conversation, row, grant, grantee(ask.id), seal.pair);
      if (secret instanceof Uint8Array) opened.set(grant.epoch, secret);
      else refused.push({ epoch: grant.epoch, reason: secret });
    }
    this.#linked.set(ask.conversation, opened);
    const readable = row.state.history === "all" ? row.epochs.map((_, i) => i + 1) : [row.state.epoch];
    return { opened: [...opened.keys()], refused, missing: readable.filter((epoch) => !opened.has(epoch)) };
  }

  async joinByLink(ask: { link: LinkId; secret: Blob; opened: LinkContents; now: Millis }): Promise<PreparedControl> {
    const { link, secret, opened, now } = ask;
    const { conversation, control, records, grants } = opened;
    for (const one of records) {
      const verdict = await this.#people.learnRecords(one);
      if (verdict.type === "refused") fail("records", [one.account]);
    }
    const { needs, refused } = await this.applyControl({ conversation, events: control });
    if (refused || needs.control || needs.records.length > 0) fail("not_allowed", needs.records);
    const { missing } = await this.openLink({ conversation, id: link, secret, grants });
    if (missing.length > 0) fail("no_key");
    return this.prepareControl({ conversation, op: { type: "join", link, secret }, now });
  }

  async signKnock({ conversation, link, secret }: { conversation: ConversationId; link: LinkId; secret: Blob }): Promise<{ signature: Blob }> {
    const [who] = await this.#known(await this.#room.own(), [{ account: this.#room.account, role: "guest" }]);
    if (!who) fail("locked");
    const { sign } = await linkKeys(bytes(secret, 32), link);
    return { signature: await signKnock(sign.key, link, conversation, who) };
  }

  async verifyKnock(ask: {
    conversation: ConversationId;
    knock: Pick<Knock, "account" | "link" | "signature">;
    now: Millis;
  }): Promise<"good" | "forged" | "unknown_person" | "no_link"> {
    const { conversation, now } = ask;
    const { account, link: id, signature } = ask.knock;
    const row = await this.#room.conversation(conversation);
    const link = row && linkOf(row.state, id);
    if (!link?.lobby || (link.expires !== null && now >= link.expires)) return "no_link";
    const contact = await this.#room.contact(account);
    if (!contact) return "unknown_person";
    const { as } = contactOf(await this.#room.own(), account, contact);
    return (await isKnockSigned(link.sign, id, conversation, { account, as }, signature)) ? "good" : "forged";
  }

  async #learnGrants(conversation: ConversationId, grants: readonly OwnGrant[]): Promise<Learned> {
    const row = (await this.#room.conversation(conversation)) ?? fail("no_conversation");
    const own = await this.#room.own();
    const secrets: Record<number, SecretRow> = { ...row.secrets };
    const refused = new Map<number, Learned["refused"][number]["reason"]>();
    for (const grant of grants) {
      if (secrets[grant.epoch]) continue;
      const pair = own.ae.find(({ g }) => g === grant.g)?.pair;
      const secret = pair ? await this.#open(conversation, row, grant, grantee(this.#room.account), pair) : "no_key";
      if (!(secret instanceof Uint8Array)) {
        refused.set(grant.epoch, secret);
        continue;
      }
      const { g, enc, ct, by } = grant;
      secrets[grant.epoch] = { key: await secretKey(secret), grant: { g, enc, ct, by } };
      refused.delete(grant.epoch);
    }
    const learned = { ...row, secrets };
    const opened = Object.keys(secrets).map(Number).filter((epoch) => !row.secrets[epoch]);
    if (opened.length > 0) await this.#room.store.put("conversations", conversation, learned);
    return {
      opened,
      refused: Array.from(refused, ([epoch, reason]) => ({ epoch, reason })),
      missing: missingEpochs(learned, this.#room.account),
    };
  }

  /** What a grant holds, if it is what the epoch's event commits to. */
  async #open(
    conversation: ConversationId,
    row: ConversationRow,
    grant: OwnGrant,
    to: GranteeId,
    pair: SealPair,
  ): Promise<Bytes | "cannot_open" | "commit" | "unknown_epoch"> {
    const epoch = row.epochs[grant.epoch - 1];
    if (!epoch) return "unknown_epoch";
    const secret = await openGrant(this.#place(conversation, row, grant.epoch, to, grant.by), pair, grant);
    if (!secret || secret.length !== 32) return "cannot_open";
    return (await commitment(secret)) === epoch.commit ? secret : "commit";
  }

  #place(conversation: ConversationId, row: ConversationRow, epoch: number, to: GranteeId, by: AccountId): GrantPlace {
    return { conversation, epoch, to, by, event: row.epochs[epoch - 1]?.event ?? NOTHING };
  }

  /** A secret in the clear, to be granted on: out of the own grant, or the link's. */
  async #secret(conversation: ConversationId, own: OwnRow, row: ConversationRow, epoch: number): Promise<Bytes | null> {
    const held = row.secrets[epoch]?.grant;
    if (!held) return this.#linked.get(conversation)?.get(epoch) ?? null;
    const pair = own.ae.find(({ g }) => g === held.g)?.pair;
    return pair ? openGrant(this.#place(conversation, row, epoch, grantee(this.#room.account), held.by), pair, held) : null;
  }

  async #fullOp(conversation: ConversationId, own: OwnRow, row: ConversationRow | null, op: ControlRequest, index: number): Promise<Op> {
    switch (op.type) {
      case "create": {
        const role: MemberRole = op.kind === "direct" ? "member" : "manager";
        const others = op.members.filter(({ account }) => account !== this.#room.account);
        const members = await this.#known(own, [{ account: this.#room.account, role }, ...others]);
        return { type: "create", kind: op.kind, name: op.name === null ? null : cleanName(op.name), history: op.history, members };
      }
      case "add": {
        const known = await this.#known(own, op.members);
        const via = new Map(op.members.map((member) => [member.account, member.via]));
        const members = known.map((member) => {
          const link = via.get(member.account);
          return link === undefined ? member : { ...member, via: link };
        });
        return { type: "add", members };
      }
      case "join": {
        const link = (row && linkOf(row.state, op.link)) ?? fail("not_allowed");
        const [member] = await this.#known(own, [{ account: this.#room.account, role: link.role }]);
        if (!member) fail("locked");
        const { sign } = await linkKeys(bytes(op.secret, 32), op.link);
        return { type: "join", link: op.link, member, signature: await signJoin(sign.key, conversation, index, member) };
      }
      case "readmit": {
        const [member] = await this.#known(own, [{ account: op.account, role: "member" }]);
        if (!member) fail("unknown_person", [op.account]);
        return { type: "readmit", member: { account: member.account, as: member.as } };
      }
      case "rename":
        return { type: "rename", name: cleanName(op.name) };
      default:
        return op;
    }
  }

  /** Members by the keys that this device knows them by. */
  async #known(own: OwnRow, members: readonly { account: AccountId; role: MemberRole }[]): Promise<NewMember[]> {
    const contacts = await this.#room.contacts(members.map(({ account }) => account));
    const unknown = members.filter(({ account }) => !contacts.has(account));
    if (unknown.length > 0) fail("unknown_person", unknown.map(({ account }) => account));
    const all = members.flatMap(({ account, role }) => {
      const contact = contacts.get(account);
      return contact ? [{ role, contact: contactOf(own, account, contact) }] : [];
    });
    const blocked = all.filter(({ contact }) => contact.blocked);
    if (blocked.length > 0) fail("keys_changed", blocked.map(({ contact }) => contact.account));
    return all.map(({ role, contact: { account, as } }) => ({ account, as, role }));
  }

  async #effect(conversation: ConversationId, row: ConversationRow | null, op: Op, index: number): Promise<Effect> {
    try {
      // Whether a link has expired is for the server's clock to say: this device's may be wrong.
      return await effectOf(conversation, this.#room.account, op, row?.state ?? null, index, 0);
    } catch (error) {
      if (error instanceof ControlRefused) fail("not_allowed");
      throw error;
    }
  }

  async #sealEvent(
    conversation: ConversationId,
    own: OwnRow,
    row: ConversationRow | null,
    chain: ChainRow,
    { op, effect, index, now }: { op: Op; effect: Effect; index: number; now: Millis },
  ): Promise<PreparedControl> {
    const fresh = effect.rotates ? random(32) : null;
    const epoch = (row?.state.epoch ?? 0) + (fresh ? 1 : 0);
    const commit = fresh ? await commitment(fresh) : (row?.state.commit ?? NOTHING);
    const state: ControlState = { ...effect.state, epoch, commit };
    const payload = encodeControl({
      v: 1, index, prev: row?.state.last ?? NOTHING, epoch, commit, state: await stateHash(state), ts: now, op,
    });
    const event = await payloadHash(payload);
    const envelope = await signEnvelope(headerOf("control", conversation, this.#room.account, own.device, epoch, chain, now), payload, own.ds);
    const grants = await this.#grants(conversation, own, row, { ...effect, state }, fresh && { epoch, event, secret: fresh });
    const made = { id: text<PreparedControl["id"]>(envelope.id), envelope: text<Blob>(envelope.bytes), grants };
    await this.#room.store.put("chains", conversation, { ...chain, waiting: { ...made, tag: null } });
    return made;
  }

  async #grants(
    conversation: ConversationId,
    own: OwnRow,
    row: ConversationRow | null,
    effect: Effect,
    fresh: { epoch: number; event: Blob; secret: Bytes } | null,
  ): Promise<readonly Grant[]> {
    const due = dueGrants(effect);
    const keys = await this.#recipients(effect.state, new Set(due.map(({ to }) => to)));
    const secrets = new Map<number, Bytes>();
    for (const epoch of new Set(due.map(({ epoch }) => epoch))) {
      const secret = epoch === fresh?.epoch ? fresh.secret : row && (await this.#secret(conversation, own, row, epoch));
      secrets.set(epoch, secret ?? fail("no_key"));
    }
    const by = this.#room.account;
    return Promise.all(
      due.map(async ({ to, epoch }) => {
        const event = epoch === fresh?.epoch ? fresh.event : (row?.epochs[epoch - 1]?.event ?? NOTHING);
        const key = keys.get(to) ?? fail("unknown_person", [to as string as AccountId]);
        const sealed = await sealGrant({ conversation, epoch, to, event, by }, key.ae, key.g, secrets.get(epoch) ?? fail("no_key"));
        return sealed ?? fail("unknown_person", [to as string as AccountId]);
      }),
    );
  }

  /** The keys of members and links that something is sealed to. */
  async #recipients(state: ControlState, wanted: ReadonlySet<GranteeId>): Promise<Map<GranteeId, { ae: Blob; g: number }>> {
    const keys = new Map<GranteeId, { ae: Blob; g: number }>();
    for (const { id, seal } of state.links) keys.set(grantee(id), { ae: seal, g: 0 });
    const members = state.members.filter(({ account }) => wanted.has(grantee(account)));
    const contacts = await this.#room.contacts(members.map(({ account }) => account));
    const unknown = members.filter(({ account, as }) => !newest(contacts.get(account), as));
    if (unknown.length > 0) fail("unknown_person", unknown.map(({ account }) => account));
    for (const { account, as } of members) {
      const contact = contacts.get(account);
      const key = newest(contact, as);
      // Who was reset and not let in again gets what only the old keys open,
      // under the number that the server counts by.
      if (contact && key) keys.set(grantee(account), { ae: key.ae, g: contact.record.g });
    }
    return keys;
  }

  /** An own event that was followed is confirmed by that: its grants to oneself are known. */
  async #settle(conversation: ConversationId, row: ConversationRow): Promise<void> {
    const chain = await this.#room.chain(conversation);
    const { waiting } = chain;
    if (!waiting?.grants || !row.log.some(({ id }) => id === waiting.id)) return;
    await this.#room.store.put("chains", conversation, { ...chain, n: chain.n + 1, prev: waiting.id as string as Blob, waiting: null });
    const by = this.#room.account;
    const mine = waiting.grants.filter(({ to }) => to === grantee(by));
    if (mine.length > 0) await this.#learnGrants(conversation, mine.map(({ epoch, g, enc, ct }) => ({ epoch, g, enc, ct, by })));
    this.#linked.delete(conversation);
  }
}

export function applied({ row, records, control, refused }: Followed): Applied {
  return { next: row ? row.state.index + 1 : 0, needs: { control, records, epochs: [] }, refused };
}

export function missingEpochs(row: ConversationRow, account: AccountId): readonly number[] {
  return readableEpochs(row, account).filter((epoch) => !row.secrets[epoch]);
}

function newest(contact: ContactRow | undefined, as: Blob): ReturnType<typeof newestOf> {
  return contact && newestOf(contact, as);
}

function cleanName(name: string): string {
  return clean(name) ?? fail("format");
}
