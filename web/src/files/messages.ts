// What the page and the worker for files say to each other.

import type { FileReference, SealedFile } from "@/crypto/file-content";
import type { FailureCode } from "@/lib/api";
import type { AccountId, ConversationId, FileId } from "@/protocol/wire";

/** A file as somebody chose it, with what the page found out about it. */
export interface Chosen {
  readonly content: Blob;
  readonly name: string;
  readonly type: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly duration: number | null;
  /** A small picture of it. */
  readonly thumbnail: Blob | null;
}

/** A file on its way up. */
export interface UploadState {
  readonly id: FileId;
  readonly conversation: ConversationId;
  readonly caption: string;
  readonly file: FileReference;
  /** When it was chosen: its place among the others. */
  readonly written: number;
  /** From 0 to 1. */
  readonly progress: number;
  readonly step: UploadStep;
}

/** `waiting`: for the network; `sent`: the server has all of it, the message is to follow. */
export type UploadStep =
  | { readonly type: "preparing" | "queued" | "sending" | "waiting" | "sent" }
  | { readonly type: "failed"; readonly code: FailureCode };

/** Why a file did not come down. */
export type FetchFailure = "gone" | "damaged" | "offline";

/** From the page. */
export type Order =
  | { readonly type: "open"; readonly account: AccountId }
  | {
      readonly type: "add";
      readonly id: FileId;
      readonly conversation: ConversationId;
      readonly caption: string;
      readonly written: number;
      readonly chosen: Chosen;
    }
  /** Gives it up, on the server too. */
  | { readonly type: "cancel"; readonly id: FileId }
  | { readonly type: "retry"; readonly id: FileId }
  /** Its message is on its way: nothing of it is needed here any more. */
  | { readonly type: "forget"; readonly id: FileId }
  /** The network may be back. */
  | { readonly type: "wake" }
  /** Asks whether an upload is still kept here. */
  | { readonly type: "kept"; readonly job: number; readonly id: FileId }
  | {
      readonly type: "fetch";
      readonly job: number;
      readonly file: SealedFile;
      readonly as: string;
    }
  | { readonly type: "drop"; readonly job: number };

/** From the worker. */
export type Report =
  | { readonly type: "upload"; readonly upload: UploadState }
  | { readonly type: "gone"; readonly id: FileId }
  | { readonly type: "kept"; readonly job: number; readonly kept: boolean }
  | { readonly type: "fetching"; readonly job: number; readonly progress: number }
  | { readonly type: "fetched"; readonly job: number; readonly content: Blob }
  | { readonly type: "unfetched"; readonly job: number; readonly reason: FetchFailure };
