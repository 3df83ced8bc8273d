// Messages: sealed one at a time and kept until the server has them; opened
// after every check that their place allows. No failure is kept: the same
// entries may open when records, grants or control events have come.

import { BODY_BYTES, type AccountId, type Blob, type ControlEvent, type ConversationId, type Entry, type EnvelopeId, type Millis, type Seq } from "@/protocol/wire";

import type { Applied, Content, Messages, Opened, OpenedPage, Sealed, Unconfirmed } from "./api";
import { bytes, equal, text, utf8 } from "../bytes";
import { openEnvelope, parseEnvelope, sealEnvelope } from "../envelope";
import type { Followed } from "./control-log";
import { type ConversationsPart, applied } from "./conversations-part";
import { headerOf } from "./header";
import { Judge, type ReadEntry } from "./judge";
import { contactOf } from "./people";
import { type VaultRoom, fail } from "./room";
import { cover } from "./runs";
import type { ChainRow, ConversationRow, OwnRow, Waiting } from "./rows";
import { Transcripts } from "./transcripts";
import { callEntryId, nextTranscript } from "../transcript";

export class MessagesPart implements Messages {
  readonly #room: VaultRoom;
  readonly #conversations: ConversationsPart;

  constructor(room: VaultRoom, conversations: ConversationsPart) {
    this.#room = room;
    this.#conversations = conversations;
  }

  seal({ conversation, content, tag, now }: { conversation: ConversationId; content: Content; tag: string; now: Millis }): Promise<Sealed | Unconfirmed> {
    return this.#room.alone(conversation, async () => {
      const chain = await this.#room.chain(conversation);
      if (chain.waiting) return unconfirmed(chain.waiting);
      const plain = utf8(JSON.stringify(content));
      if (plain.length > BODY_BYTES) fail("too_large");
      return this.#seal(conversation, chain, plain, tag, now);
    });
  }

  async unconfirmed({ conversation }: { conversation: ConversationId }): Promise<Unconfirmed | null> {
    const { waiting } = await this.#room.chain(conversation);
    return waiting && unconfirmed(waiting);
  }

  confirm({ conversation, id, seq, time }: { conversation: ConversationId; id: EnvelopeId; seq: Seq; time: Millis }): Promise<Applied> {
    return this.#room.alone(conversation, async () => {
      const chain = await this.#room.chain(conversation);
      const { waiting } = chain;
      if (waiting?.id === id && waiting.grants) {
        return applied(await this.#conversations.follow(conversation, [{ seq, time, envelope: waiting.envelope }]));
      }
      if (waiting?.id === id) {
        await this.#room.store.put("chains", conversation, { ...chain, n: chain.n + 1, prev: id as string as Blob, waiting: null });
      }
      return applied(await this.#conversations.follow(conversation, []));
    });
  }

  reseal({ conversation, id, now }: { conversation: ConversationId; id: EnvelopeId; now: Millis }): Promise<Sealed> {
    return this.#room.alone(conversation, async () => {
      const chain = await this.#room.chain(conversation);
      const { waiting } = chain;
      if (waiting?.id !== id || waiting.grants) fail("unconfirmed");
      const envelope = await parseEnvelope(bytes(waiting.envelope));
      const row = (await this.#room.conversation(conversation)) ?? fail("no_conversation");
      const secret = row.secrets[envelope.header.epoch] ?? fail("no_key");
      const plain = (await openEnvelope(envelope, secret.key)) ?? fail("internal");
      return this.#seal(conversation, chain, plain, waiting.tag ?? "", now);
    });
  }

  abandon({ conversation, id }: { conversation: ConversationId; id: EnvelopeId }): Promise<void> {
    return this.#room.alone(conversation, async () => {
      const chain = await this.#room.chain(conversation);
      if (chain.waiting?.id !== id) return;
      const abandoned = [id, ...chain.abandoned].slice(0, ABANDONED);
      await this.#room.store.put("chains", conversation, { ...chain, waiting: null, abandoned });
    });
  }

  recount({ conversation, chain: told }: { conversation: ConversationId; chain: { n: number; prev: EnvelopeId } }): ReturnType<Messages["recount"]> {
    return this.#room.alone(conversation, async () => {
      const chain = await this.#room.chain(conversation);
      if (told.n === chain.n && (told.prev as string) === chain.prev) return "unchanged";
      if (told.n === chain.n + 1 && told.prev === chain.waiting?.id) return "stored";
      // Nobody else has this device's key, so a copy of it has sent.
      const ours = told.n === chain.n + 1 && chain.abandoned.includes(told.prev);
      if (told.n >= chain.n && !ours) return "cloned";
      await this.#room.store.put("chains", conversation, { ...chain, n: told.n, prev: told.prev as string as Blob });
      return "rewound";
    });
  }

  open({ conversation, entries, before }: { conversation: ConversationId; entries: readonly Entry[]; before?: Blob | null }): Promise<OpenedPage> {
    return this.#room.alone(conversation, async () => {
      const read = await Promise.all(entries.map(readEntry));
      const followed = await this.#followNew(conversation, read);
      const row = (await this.#room.conversation(conversation)) ?? null;
      const transcripts = new Transcripts(this.#room.store, conversation);
      const chain = await this.#room.chain(conversation);
      const transcript = await chainPage(transcripts, chain, read, before ?? null);
      const judge = new Judge({ conversation, row, chain, transcripts, followed, contacts: await this.#senders(read) });
      if (transcript === "right") judge.cover(read);
      const opened: Opened[] = await judge.open(read);
      if (transcript === "right") await this.#remember(conversation, chain, judge.runs, read, transcripts);
      await transcripts.save();
      return { entries: opened, needs: judge.needs, transcript };
    });
  }

  learnHead({ conversation, seq, transcript }: { conversation: ConversationId; seq: Seq; transcript: Blob }): Promise<{ right: boolean }> {
    return this.#room.alone(conversation, async () => {
      if (seq === 0) return { right: true };
      const transcripts = new Transcripts(this.#room.store, conversation);
      const right = await transcripts.learn(seq, bytes(transcript, 32));
      await transcripts.save();
      return { right };
    });
  }

  acceptRestore({ conversation }: { conversation: ConversationId }): Promise<void> {
    return this.#room.alone(conversation, async () => {
      const { store } = this.#room;
      for (const key of await store.keys("transcripts")) {
        if (key.startsWith(`${conversation}/`)) await store.remove("transcripts", key);
      }
      const chain = await this.#room.chain(conversation);
      await store.put("chains", conversation, { ...chain, runs: {}, covered: [], seen: null });
    });
  }

  async #seal(conversation: ConversationId, chain: ChainRow, plain: Uint8Array<ArrayBuffer>, tag: string, now: Millis): Promise<Sealed> {
    const own = await this.#room.own();
    const row = (await this.#room.conversation(conversation)) ?? fail("no_conversation");
    await this.#checkPeer(own, row);
    const { epoch } = row.state;
    const secret = row.secrets[epoch] ?? fail("no_key");
    const header = headerOf("content", conversation, this.#room.account, own.device, epoch, chain, now);
    const envelope = await sealEnvelope(header, secret.key, plain, own.ds);
    const waiting: Waiting = { id: text(envelope.id), envelope: text(envelope.bytes), tag, grants: null };
    await this.#room.store.put("chains", conversation, { ...chain, waiting });
    return { type: "sealed", id: waiting.id, envelope: waiting.envelope };
  }

  /** To one person whose keys changed after they were compared, nothing goes before that is accepted. */
  async #checkPeer(own: OwnRow, { state }: ConversationRow): Promise<void> {
    if (state.kind !== "direct") return;
    const contacts = await this.#room.contacts(state.members.map(({ account }) => account));
    const blocked = Array.from(contacts, ([account, row]) => contactOf(own, account, row)).filter(({ blocked }) => blocked);
    if (blocked.length > 0) fail("keys_changed", blocked.map(({ account }) => account));
  }

  /** Control events that come next are followed on the way. */
  async #followNew(conversation: ConversationId, read: readonly ReadEntry[]): Promise<Followed | null> {
    const events = read.flatMap(({ entry, envelope }): ControlEvent[] => {
      if (envelope?.header.kind !== "control") return [];
      return [{ seq: entry.seq, time: entry.time, envelope: text(envelope.bytes) }];
    });
    const last = (await this.#room.conversation(conversation))?.log.at(-1)?.seq ?? 0;
    const fresh = events.filter(({ seq }) => seq > last);
    return fresh.length > 0 ? this.#conversations.follow(conversation, fresh) : null;
  }

  #senders(read: readonly ReadEntry[]): ReturnType<VaultRoom["contacts"]> {
    return this.#room.contacts(read.flatMap(({ envelope }) => (envelope ? [text<AccountId>(envelope.header.account)] : [])));
  }

  async #remember(conversation: ConversationId, chain: ChainRow, runs: ChainRow["runs"], read: readonly ReadEntry[], transcripts: Transcripts): Promise<void> {
    const [first, last] = [read.at(0)?.entry.seq, read.at(-1)?.entry.seq];
    if (first === undefined || last === undefined) return;
    const at = await transcripts.at(last);
    const seen = at && last > (chain.seen?.seq ?? 0) ? { seq: last, transcript: text<Blob>(at) } : chain.seen;
    // The own counter may have moved on while control events were followed.
    const now = await this.#room.chain(conversation);
    await this.#room.store.note("chains", conversation, { ...now, runs, covered: cover(chain.covered, first, last), seen });
  }
}

/** Hashes forward from what is known, or from what the server says came before, and holds it against what was seen. */
async function chainPage(transcripts: Transcripts, chain: ChainRow, read: readonly ReadEntry[], before: Blob | null): Promise<OpenedPage["transcript"]> {
  const first = read.at(0)?.entry.seq;
  if (first === undefined) return "right";
  const known = await transcripts.at(first - 1);
  const told = before === null ? null : bytes(before, 32);
  if (known && told && !equal(known, told)) return "broken";
  let at = known ?? told;
  if (!at || read.some(({ entry }, i) => entry.seq !== first + i)) return "unchecked";
  let anchored = known !== null || (chain.seen === null && (await transcripts.at(read.at(-1)?.entry.seq ?? 0)) === null);
  const hashes: [Seq, Uint8Array<ArrayBuffer>][] = [[first - 1, at]];
  for (const { entry, id } of read) {
    if (!id) return "broken";
    at = await nextTranscript(at, id, entry.seq);
    const seen = await transcripts.at(entry.seq);
    if (seen && !equal(seen, at)) return "broken";
    anchored ||= seen !== null;
    hashes.push([entry.seq, at]);
  }
  if (!anchored) return "unchecked";
  for (const [seq, hash] of hashes) if (seq > 0) await transcripts.learn(seq, hash);
  return "right";
}

const ABANDONED = 8;

async function readEntry(entry: Entry): Promise<ReadEntry> {
  const { content } = entry;
  if (content.type === "call") return { entry, envelope: null, id: await callEntryId(content.call, content.caller, content.media, content.end) };
  try {
    const envelope = await parseEnvelope(bytes(content.envelope));
    return { entry, envelope, id: envelope.id };
  } catch {
    return { entry, envelope: null, id: null };
  }
}

function unconfirmed({ tag, id, envelope, grants }: Waiting): Unconfirmed {
  return { type: "unconfirmed", tag, id, envelope, grants };
}

