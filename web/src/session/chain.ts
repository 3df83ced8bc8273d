// What this device sends in one conversation is a chain: one envelope after
// another, each confirmed before the next. Keeps that order over all tabs, and
// brings to the server what an earlier page has left.

import type { AccountId, Blob, Chain as Counted, Command, Conversation, ConversationId, Placed, PostControl, Reply } from "@/protocol/wire";

import { ask } from "./ask";
import type { Environment } from "./environment";
import { Offline, Refused } from "./error";
import type { LocalId } from "./id";
import { NotNow, type SealedMessage } from "./outbox";
import type { Supply } from "./supply";
import type { Content, Vault, Waiting } from "./vault";

/** What it needs of the session. */
export interface ChainUser {
  readonly account: AccountId;
  request(command: Command): Promise<Reply>;
  conversation(id: ConversationId): Conversation | null;
}

/** The envelopes of this device. */
export class Chain {
  readonly #vault: Vault;
  readonly #env: Environment;
  readonly #user: ChainUser;
  readonly #supply: Supply;

  constructor(vault: Vault, env: Environment, user: ChainUser, supply: Supply) {
    this.#vault = vault;
    this.#env = env;
    this.#user = user;
    this.#supply = supply;
  }

  /** Nothing else of this device is sealed for the conversation meanwhile, in no tab. */
  alone<T>(id: ConversationId, work: () => Promise<T>): Promise<T> {
    return this.#env.lock(`callbox-chain-${this.#user.account}-${id}`, work);
  }

  /** Seals a content as the next envelope of this device. Only while alone. */
  async seal(id: ConversationId, content: Content, local: LocalId): Promise<SealedMessage> {
    await this.ready(id);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { tag, ...sealed } = await this.#vault.seal(id, content, local);
      if (tag === local) return { id: sealed.id, envelope: sealed.envelope };
      await this.settle(id, { tag, ...sealed });
    }
    throw new NotNow("an earlier envelope is not confirmed");
  }

  /** Makes sure that the log is known and the key in force is here. */
  async ready(id: ConversationId): Promise<void> {
    const told = this.#user.conversation(id)?.control ?? 0;
    let group = await this.#vault.group(id);
    if (!group || group.next < told) {
      await this.#supply.control(id);
      group = await this.#vault.group(id);
    }
    if (group && group.missing.includes(group.epoch)) {
      await this.#supply.grants(id);
      group = await this.#vault.group(id);
    }
    if (!group || group.refused) throw new NotNow("the log of members does not hold");
    if (group.missing.includes(group.epoch)) {
      await this.#supply.request(id, group.epoch);
      throw new NotNow("the key in force is not here");
    }
  }

  /** Brings an envelope of this device to the server and hears that it is stored. */
  async settle(id: ConversationId, { id: name, envelope, grants }: Waiting): Promise<void> {
    const at = grants ? await this.#post(id, { envelope, grants: [...grants] }) : await this.#send(envelope);
    if (at) await this.#vault.confirmed(id, name, at);
  }

  /** What an earlier page has left unconfirmed goes first. */
  async settleAll(id: ConversationId): Promise<void> {
    const waiting = await this.#vault.waiting(id);
    if (!waiting) return;
    try {
      await this.settle(id, waiting);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // A message is sealed anew when its turn comes.
      await this.#vault.abandon(id, waiting.id);
    }
  }

  /** Counts as the server does. */
  async recount(id: ConversationId): ReturnType<Vault["recount"]> {
    const chain = await ask<Counted>(this.#env, "GET", `/conversations/${id}/chain`);
    return this.#vault.recount(id, chain);
  }

  async #send(envelope: Blob): Promise<Placed | null> {
    const reply = await this.#user.request({ type: "send", envelope });
    return reply.type === "sent" ? reply : null;
  }

  /** An answer that got lost is asked for again with the same envelope: it is stored once. */
  async #post(id: ConversationId, posted: PostControl): Promise<Placed> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask<Placed>(this.#env, "POST", `/conversations/${id}/control`, posted);
      } catch (error) {
        if (!(error instanceof Offline) || attempt >= ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
      }
    }
  }
}

const ATTEMPTS = 5;
const PAUSE_MS = 400;
