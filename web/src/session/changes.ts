// Changes of conversations: who is in, what they are called, which keys are in
// force. Each is sealed, posted until it is in or clearly refused, and made
// again when somebody else's came first.

import type {
  AccountId,
  Conversation,
  ConversationId,
  Direct,
  Knock,
  LinkId,
  MemberRole,
  Millis,
  Name,
  Seq,
} from "@/protocol/wire";

import { ask } from "./ask";
import type { Chain } from "./chain";
import type { Environment } from "./environment";
import { Refused } from "./error";
import { newConversationId } from "./id";
import { NotNow } from "./outbox";
import type { Supply } from "./supply";
import type { Change, NewMember, Vault } from "./vault";

/** What it needs of the session. */
export interface ChangesUser {
  readonly account: AccountId;
  conversation(id: ConversationId): Conversation | null;
  /** The newest entry that is known. */
  head(id: ConversationId): Seq;
  conversations(): readonly Conversation[];
  /** Waits until the server tells of a conversation that was made here. */
  appears(id: ConversationId): Promise<ConversationId>;
  /** The server's time. */
  now(): Millis;
  /** Another copy of this browser sends as this device. */
  copied(): void;
}

/** Changes by this account. */
export class Changes {
  readonly #vault: Vault;
  readonly #env: Environment;
  readonly #user: ChangesUser;
  readonly #supply: Supply;
  readonly #chain: Chain;

  constructor(vault: Vault, env: Environment, user: ChangesUser, supply: Supply, chain: Chain) {
    this.#vault = vault;
    this.#env = env;
    this.#user = user;
    this.#supply = supply;
    this.#chain = chain;
  }

  async addMembers(id: ConversationId, accounts: readonly AccountId[]): Promise<void> {
    await this.#supply.records(accounts);
    await this.#change(id, { type: "add", members: accounts.map(member) });
  }

  removeMember(id: ConversationId, account: AccountId): Promise<void> {
    return this.#change(id, { type: "remove", account });
  }

  rename(id: ConversationId, name: Name): Promise<void> {
    return this.#change(id, { type: "rename", name });
  }

  setRole(id: ConversationId, account: AccountId, role: Exclude<MemberRole, "guest">): Promise<void> {
    return this.#change(id, { type: "role", account, role });
  }

  leave(id: ConversationId): Promise<void> {
    return this.#change(id, { type: "leave" });
  }

  /** New keys for what is written from now on. */
  renewKeys(id: ConversationId): Promise<void> {
    return this.#change(id, { type: "rotate" });
  }

  /** Lets somebody in again whose account began anew. */
  async readmit(id: ConversationId, account: AccountId): Promise<void> {
    await this.#supply.records([account]);
    await this.#change(id, { type: "readmit", account });
  }

  async createRoom(name: Name, accounts: readonly AccountId[]): Promise<ConversationId> {
    const members: NewMember[] = [{ account: this.#user.account, role: "manager" }, ...accounts.map(member)];
    const id = await this.#create({ type: "create", kind: "room", name, history: "all", members });
    return this.#user.appears(id);
  }

  /** Finds or makes the direct conversation with someone. */
  async openDirect(account: AccountId): Promise<ConversationId> {
    const known = this.#user
      .conversations()
      .find(({ kind, members }) => kind === "direct" && members.some((one) => one.account === account));
    return known?.id ?? this.#user.appears(await this.#createDirect(account));
  }

  async #createDirect(account: AccountId): Promise<ConversationId> {
    const members = [this.#user.account, account].map(member);
    try {
      return await this.#create({ type: "create", kind: "direct", name: null, history: "all", members });
    } catch (error) {
      // The other one was faster, or it has been there all along.
      if (!(error instanceof Refused) || error.code !== "conflict") throw error;
      const { conversation } = await ask<Direct>(this.#env, "GET", `/direct/${account}`);
      return conversation;
    }
  }

  /** Lets in who has knocked. */
  async letIn(id: ConversationId, { account, link }: Knock): Promise<void> {
    await this.#supply.records([account]);
    await this.#change(id, { type: "add", members: [{ account, role: "guest", via: link }] });
  }

  /** Ends a link: guests that came by it leave. */
  revokeLink(id: ConversationId, link: LinkId): Promise<void> {
    return this.#change(id, { type: "link_revoke", link });
  }

  /**
   * A change that travels with something else. `make` seals it and says how it is
   * posted; when another change comes first, all of it is made again.
   */
  along<T>(id: ConversationId, make: () => Promise<() => Promise<T>>): Promise<T> {
    return this.#chain.alone(id, async () => {
      for (let attempt = 0; ; attempt++) {
        await this.#prepare(id, { type: "rotate" });
        await this.#chain.settleAll(id);
        const post = await make();
        try {
          const answer = await post();
          await this.#chain.settleAll(id);
          return answer;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          const waiting = await this.#vault.waiting(id);
          if (waiting) await this.#vault.abandon(id, waiting.id);
          if (attempt >= ATTEMPTS || !(await this.#overtaken(id, error, null))) throw error;
        }
      }
    });
  }

  /** Renews the keys of all conversations that ask for it. */
  async renewAll(progress: (done: number, all: number) => void): Promise<void> {
    // The server tells of them one by one, after it has taken the new keys of the account.
    await new Promise((resolve) => setTimeout(resolve, TOLD_MS));
    // Where this account is a guest, a member does it.
    const wanted = this.#user.conversations().filter(({ id, rotation_required }) => rotation_required && !this.#visits(id));
    for (const [done, { id }] of wanted.entries()) {
      progress(done, wanted.length);
      // Another member may have done it in the meantime.
      if (this.#user.conversation(id)?.rotation_required) await this.#chain.alone(id, () => this.renew(id));
    }
    progress(wanted.length, wanted.length);
  }

  /** New keys, unless another member was faster; links that are over go. Only while alone. */
  async renew(id: ConversationId): Promise<void> {
    if (this.#visits(id)) throw new NotNow("a member who is no guest renews the keys");
    const before = (await this.#vault.group(id))?.epoch;
    await this.#supply.control(id);
    const over = await this.#linksOver(id);
    // Ending one renews the keys, too, and without its end no other new keys count.
    for (const link of over) await this.#commit(id, { type: "link_revoke", link });
    if (over.length === 0 && (await this.#vault.group(id))?.epoch === before) await this.#commit(id, { type: "rotate" });
  }

  /** Does what the server demands before anything else is taken, so that no guest has to wait for it. */
  async renewIfDue(id: ConversationId): Promise<void> {
    const due = () => this.#user.conversation(id)?.rotation_required === true && !this.#visits(id);
    if (!due() || !(await this.#concernsLinks(id))) return;
    // All members hear of it at once, and one is enough.
    await new Promise((resolve) => setTimeout(resolve, this.#env.random() * SPREAD_MS));
    if (due()) await this.#chain.alone(id, () => this.renew(id));
  }

  async #linksOver(id: ConversationId): Promise<LinkId[]> {
    const now = this.#user.now();
    const links = (await this.#vault.group(id))?.links ?? [];
    return links.flatMap((link) => (link.expires !== null && link.expires <= now ? [link.id] : []));
  }

  /** Somebody came by a link, or a link is there by which somebody may come. */
  async #concernsLinks(id: ConversationId): Promise<boolean> {
    if (this.#user.conversation(id)?.members.some(({ role }) => role === "guest")) return true;
    await this.#supply.control(id);
    return ((await this.#vault.group(id))?.links.length ?? 0) > 0;
  }

  /** Guests change nothing, not even keys. */
  #visits(id: ConversationId): boolean {
    const members = this.#user.conversation(id)?.members ?? [];
    return members.some(({ account, role }) => account === this.#user.account && role === "guest");
  }

  /** Renews keys that have been in use for long, before more is said under them. Only while alone. */
  async renewIfOld(id: ConversationId): Promise<void> {
    const group = await this.#vault.group(id);
    if (!group || this.#visits(id)) return;
    const old = this.#user.now() - group.since >= EPOCH_MS || this.#user.head(id) - group.from >= EPOCH_ENTRIES;
    // Old keys are good keys: what hinders new ones hinders no message.
    if (old) await this.renew(id).catch(() => undefined);
  }

  #change(id: ConversationId, change: Change): Promise<void> {
    return this.#chain.alone(id, () => this.#commit(id, change));
  }

  async #create(change: Change & { type: "create" }): Promise<ConversationId> {
    const id = newConversationId();
    await this.#supply.records(change.members.map(({ account }) => account));
    await this.#change(id, change);
    return id;
  }

  /** Seals a change and posts it until it is in, or clearly refused. Only while alone. */
  async #commit(id: ConversationId, change: Change): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      if (change.type !== "create") await this.#prepare(id, change);
      await this.#chain.settleAll(id);
      const made = await this.#vault.change(id, change);
      try {
        await this.#chain.settle(id, made);
        await this.#supply.control(id);
        return;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        await this.#vault.abandon(id, made.id);
        if (attempt >= ATTEMPTS || change.type === "create") throw error;
        if (!(await this.#overtaken(id, error, change))) throw error;
      }
    }
  }

  /** Somebody else's change, or an envelope of another tab, came first. */
  async #overtaken(id: ConversationId, { code }: Refused, change: Change | null): Promise<boolean> {
    if (code === "rotate_first") {
      await this.renew(id);
      return true;
    }
    if (code !== "conflict" && code !== "stale_epoch") return false;
    const before = (await this.#vault.group(id))?.epoch ?? 0;
    await this.#supply.control(id);
    if ((await this.#chain.recount(id)) === "cloned") {
      this.#user.copied();
      return false;
    }
    // All that was wanted is new keys, and there they are.
    if (change?.type === "rotate" && ((await this.#vault.group(id))?.epoch ?? 0) > before) return false;
    await new Promise((resolve) => setTimeout(resolve, this.#env.random() * PAUSE_MS));
    return true;
  }

  /** Everything that the grants of a change need: who is in, and their newest keys. */
  async #prepare(id: ConversationId, change: Change): Promise<void> {
    const told = this.#user.conversation(id);
    const group = await this.#vault.group(id);
    if (!group || group.next < (told?.control ?? 0)) await this.#supply.control(id);
    if ((group?.missing.length ?? 0) > 0) await this.#supply.grants(id);
    const needsAll = change.type === "rotate" || change.type === "remove" || change.type === "readmit" || change.type === "link_revoke";
    if (needsAll && told) await this.#supply.records(told.members.map(({ account }) => account));
  }
}

function member(account: AccountId): NewMember {
  return { account, role: "member" };
}

/** How long one epoch lasts: what a stolen key opens has bounds. */
const EPOCH_MS = 30 * 86_400_000;
const EPOCH_ENTRIES = 10_000;

const ATTEMPTS = 5;
const PAUSE_MS = 400;
const TOLD_MS = 1_500;
const SPREAD_MS = 2_000;
