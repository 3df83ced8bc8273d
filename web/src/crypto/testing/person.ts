// Somebody with a vault and a connection, for tests: does what a client does
// between the server and the vault.

import type { AccountId, Blob, ConversationId, DeviceId, EnvelopeId, Knock, LinkId } from "@/protocol/wire";

import { random, text } from "../bytes";
import type { Content, ControlRequest, Opened, OpenedPage, Opener, Vault } from "../vault/api";
import { remoteVault } from "../vault/remote";
import { makeEngine } from "../vault/engine";
import { type FakeServer, No, newId } from "./fake-server";
import { MemoryStore, localLocks } from "./memory";

export class Person {
  readonly server: FakeServer;
  readonly account: AccountId;
  readonly store: MemoryStore;
  readonly vault: Vault;
  device = newId<DeviceId>();
  exportKey: Blob = text(random(64));
  recoveryCode = "";

  constructor(server: FakeServer, account: AccountId = newId(), store = new MemoryStore()) {
    this.server = server;
    this.account = account;
    this.store = store;
    const engine = makeEngine(account, store, localLocks(), { pair: null });
    this.vault = remoteVault(engine);
  }

  static async join(server: FakeServer): Promise<Person> {
    const person = new Person(server);
    const { keys, recoveryCode } = await person.vault.create({ device: person.device, exportKey: person.exportKey, now: server.now });
    server.accounts.set(person.account, { records: [keys.record], bundle: keys.bundle, wraps: keys.wraps });
    person.recoveryCode = recoveryCode;
    return person;
  }

  /** Signs in on another device. */
  async another(by: Opener = this.password): Promise<Person> {
    const device = new Person(this.server, this.account);
    device.exportKey = this.exportKey;
    device.recoveryCode = this.recoveryCode;
    await device.unlock(by);
    return device;
  }

  get password(): Opener {
    return { type: "password", exportKey: this.exportKey };
  }

  async unlock(by: Opener = this.password): Promise<void> {
    const held = this.server.account(this.account);
    const { record } = await this.vault.unlock({ device: this.device, by, keys: held, now: this.server.now });
    if (record) {
      held.records.push(record);
      await this.vault.learnRecords({ account: this.account, records: [record] });
    }
  }

  /** Puts what a renewal of keys has made. */
  async put(made: Awaited<ReturnType<Vault["revokeDevice"]>>): Promise<void> {
    const held = this.server.account(this.account);
    held.records.push(made.keys.record);
    held.bundle = made.keys.bundle;
    held.wraps = made.keys.wraps;
    this.recoveryCode = made.recoveryCode;
    await this.vault.learnRecords({ account: this.account, records: held.records });
  }

  async meet(...accounts: readonly AccountId[]): Promise<void> {
    for (const account of accounts) {
      const [contact] = await this.vault.contacts({ accounts: [account] });
      const records = this.server.records(account, contact?.version ?? 0);
      if (records.length > 0) await this.vault.learnRecords({ account, records });
    }
  }

  /** Everything the server has of a conversation, but for messages. */
  async catchUp(conversation: ConversationId): Promise<void> {
    const log = this.server.log(conversation);
    for (;;) {
      const next = (await this.vault.conversation({ conversation }))?.next ?? 0;
      if (next >= log.control.length) break;
      const { needs, refused } = await this.vault.applyControl({ conversation, events: log.control.slice(next) });
      if (refused) throw new Error(`control ${refused.index}: ${refused.reason}`);
      if (needs.records.length > 0) await this.meet(...needs.records);
    }
    const state = await this.vault.conversation({ conversation });
    await this.meet(...(state?.members ?? []).map(({ account }) => account));
    if (state && state.missing.length > 0) await this.vault.learnGrants({ conversation, grants: this.server.grants(conversation, this.account) });
  }

  async change(conversation: ConversationId, op: ControlRequest): Promise<void> {
    for (;;) {
      if (op.type !== "create") await this.catchUp(conversation);
      await this.meet(...mentioned(op));
      const { id, envelope, grants } = await this.vault.prepareControl({ conversation, op, now: this.server.now });
      try {
        const { seq, time } = await this.server.control(envelope, grants);
        await this.vault.confirm({ conversation, id, seq, time });
        return;
      } catch (error) {
        await this.vault.abandon({ conversation, id });
        if (!(error instanceof No)) throw error;
        if (error.code === "rotate_first") await this.change(conversation, { type: "rotate" });
        else if (error.code !== "conflict") throw error;
      }
    }
  }

  async send(conversation: ConversationId, words: string): Promise<EnvelopeId> {
    await this.catchUp(conversation);
    let sealed = await this.vault.seal({ conversation, content: say(words), tag: words, now: this.server.now });
    for (;;) {
      try {
        const { seq, time } = await this.server.send(sealed.envelope);
        await this.vault.confirm({ conversation, id: sealed.id, seq, time });
        return sealed.id;
      } catch (error) {
        if (!(error instanceof No)) throw error;
        if (error.code === "rotate_first") await this.rotateFirst(conversation, sealed.id);
        else if (error.code === "stale_epoch") await this.catchUp(conversation);
        else throw error;
        sealed =
          (await this.vault.unconfirmed({ conversation })) === null
            ? await this.vault.seal({ conversation, content: say(words), tag: words, now: this.server.now })
            : await this.vault.reseal({ conversation, id: sealed.id, now: this.server.now });
      }
    }
  }

  /** The message waits outside while keys are renewed. */
  async rotateFirst(conversation: ConversationId, id: EnvelopeId): Promise<void> {
    await this.vault.abandon({ conversation, id });
    await this.change(conversation, { type: "rotate" });
  }

  /** Opens a range of entries, fetching what is asked for. */
  async read(conversation: ConversationId, from = 1, to = Infinity): Promise<OpenedPage> {
    await this.catchUp(conversation);
    const ask = () => this.vault.open({ conversation, ...this.server.page(conversation, from, to) });
    const page = await ask();
    if (page.needs.records.length === 0 && !page.needs.control && page.needs.epochs.length === 0) return page;
    await this.meet(...page.needs.records);
    await this.catchUp(conversation);
    return ask();
  }

  async texts(conversation: ConversationId): Promise<string[]> {
    return textsOf((await this.read(conversation)).entries);
  }

  /** Joins by a link. */
  async follow(conversation: ConversationId, link: LinkId, secret: Blob): Promise<void> {
    for (;;) {
      const { needs, refused } = await this.vault.applyControl({ conversation, events: this.server.log(conversation).control });
      if (refused) throw new Error(refused.reason);
      if (needs.records.length === 0) break;
      await this.meet(...needs.records);
    }
    await this.vault.openLink({ conversation, id: link, secret, grants: this.server.grants(conversation, link) });
    await this.change(conversation, { type: "join", link, secret });
  }

  /** Asks to be let in by a link with a lobby. */
  async knock(conversation: ConversationId, link: LinkId, secret: Blob): Promise<Knocking> {
    const { signature } = await this.vault.signKnock({ conversation, link, secret });
    return { account: this.account, link, signature };
  }

  /** Lets in who has the link. */
  async admit(conversation: ConversationId, knock: Knocking): Promise<void> {
    await this.catchUp(conversation);
    await this.meet(knock.account);
    const verdict = await this.vault.verifyKnock({ conversation, knock, now: this.server.now });
    if (verdict !== "good") throw new Error(verdict);
    await this.change(conversation, { type: "add", members: [{ account: knock.account, role: "guest", via: knock.link }] });
  }
}

/** Who asks to be let in. */
export type Knocking = Pick<Knock, "account" | "link" | "signature">;

/** What messages say; of others why not. */
export function textsOf(entries: readonly Opened[]): string[] {
  return entries.flatMap((entry) => {
    if (entry.type === "content") return [`${String(entry.content.text)}${entry.warnings.map((warning) => ` (${warning})`).join("")}`];
    return entry.type === "refused" ? [`- ${entry.reason}`] : [];
  });
}

export function say(words: string): Content {
  return { k: "text", text: words };
}

function mentioned(op: ControlRequest): AccountId[] {
  if (op.type === "create" || op.type === "add") return op.members.map(({ account }) => account);
  return op.type === "readmit" ? [op.account] : [];
}
