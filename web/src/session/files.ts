// The files of a session: those on their way up, each becoming a message when
// the server has all of it, and those that are fetched to be shown.

import type { FileReference, SealedFile } from "@/crypto/file-content";
import {
  type Chosen,
  eraseStaging,
  type FilesWorker,
  newFileId,
  type Report,
  type UploadState,
} from "@/files";
import { Computed, type Readable } from "@/lib/readable";
import type { AccountId, ConversationId, FileId } from "@/protocol/wire";

import { Refused } from "./error";

export type { UploadState } from "@/files";

/** What files need of the session. */
export interface FilesUser {
  readonly account: AccountId;
  start(heard: (report: Report) => void): FilesWorker;
  /** Sends the message about a file, once for each upload; resolves when it is kept on this device. */
  send(upload: UploadState): Promise<void>;
  /** Removes a blob of this account on the server. */
  erase(id: FileId): Promise<unknown>;
  /** Tells the others that a file is deleted. */
  deleted(conversation: ConversationId, id: FileId): void;
  /** The message about a file may go out now. */
  ready(): void;
  now(): number;
}

/** Files on their way. */
export class Files {
  readonly #user: FilesUser;
  #worker: FilesWorker | undefined;
  readonly #uploads = new Map<FileId, UploadState>();
  readonly #lists = new Map<ConversationId, Computed<readonly UploadState[]>>();
  /** Uploads whose message is written, until the worker has forgotten them. */
  readonly #leaving = new Map<FileId, Promise<void>>();
  #last = 0;
  #stopped = false;

  constructor(user: FilesUser) {
    this.#user = user;
  }

  /** The files on their way to a conversation, the oldest first. */
  uploads(conversation: ConversationId): Readable<readonly UploadState[]> {
    let list = this.#lists.get(conversation);
    if (!list) {
      list = new Computed(() =>
        [...this.#uploads.values()]
          .filter((upload) => upload.conversation === conversation)
          .sort((a, b) => a.written - b.written),
      );
      this.#lists.set(conversation, list);
    }
    return list;
  }

  /** Goes on with what an earlier page has left, and tries again what waits. */
  wake(): void {
    if (this.#worker) this.#worker.order({ type: "wake" });
    else this.#started();
  }

  /** Sends a file; what is written to it goes with it. */
  send(conversation: ConversationId, chosen: Chosen, caption: string): void {
    this.#last = Math.max(this.#user.now(), this.#last + 1);
    const written = this.#last;
    this.#started()?.order({ type: "add", id: newFileId(), conversation, caption, written, chosen });
  }

  cancel(id: FileId): void {
    this.#gone(id);
    this.#started()?.order({ type: "cancel", id });
  }

  /** Tries again what the server had refused. */
  retry(id: FileId): void {
    this.#started()?.order({ type: "retry", id });
  }

  /** Deletes a file that this account has sent; rejects when that cannot be done now. */
  async delete(conversation: ConversationId, file: FileReference): Promise<void> {
    await this.erase(file);
    this.#user.deleted(conversation, file.id);
  }

  /** Removes the blobs of a file on the server. */
  async erase({ id, thumbnail }: FileReference): Promise<void> {
    for (const blob of thumbnail ? [thumbnail.id, id] : [id]) {
      await this.#user.erase(blob).catch((error: unknown) => {
        // Removed before, by a page that did not live to say so.
        if (!(error instanceof Refused) || error.code !== "not_found") throw error;
      });
    }
  }

  /**
   * Whether an upload is still kept here. Until it is not, its message must not be sent: a reload
   * would report the upload anew, and nothing would tell that its message is already gone.
   */
  async keeps(id: FileId): Promise<boolean> {
    await this.#leaving.get(id);
    return (await this.#started()?.keeps(id)) ?? false;
  }

  /** Fetches and opens a file as a blob of this type, which must be on the list. */
  fetch(
    file: SealedFile,
    as: string,
    signal: AbortSignal,
    progress: (part: number) => void = () => {},
  ): Promise<Blob> {
    const worker = this.#started();
    return worker
      ? worker.fetch(file, as, progress, signal)
      : Promise.reject(new DOMException("signed out", "AbortError"));
  }

  stop(): void {
    this.#stopped = true;
    this.#worker?.stop();
    this.#worker = undefined;
  }

  /** Stops, and forgets what this device keeps. */
  async forget(): Promise<void> {
    this.stop();
    await eraseStaging(this.#user.account);
  }

  #started(): FilesWorker | undefined {
    if (!this.#stopped) this.#worker ??= this.#user.start((report) => this.#heard(report));
    return this.#worker;
  }

  #heard(report: Report): void {
    if (report.type === "gone") {
      this.#gone(report.id);
      this.#user.ready();
    }
    if (report.type !== "upload") return;
    const { upload } = report;
    this.#uploads.set(upload.id, upload);
    this.#lists.get(upload.conversation)?.changed();
    if (upload.step.type !== "sent") return;
    void this.#leave(upload);
  }

  /** First the message is kept, then the upload forgotten, then the message sent: whatever ends the page in between, it is sent once. */
  async #leave(upload: UploadState): Promise<void> {
    const { id } = upload;
    const left = this.#user.send(upload).then(
      () => this.#worker?.order({ type: "forget", id }),
      () => undefined,
    );
    this.#leaving.set(id, left);
    this.#gone(id);
    await left;
    this.#leaving.delete(id);
  }

  #gone(id: FileId): void {
    const upload = this.#uploads.get(id);
    this.#uploads.delete(id);
    if (upload) this.#lists.get(upload.conversation)?.changed();
  }
}
