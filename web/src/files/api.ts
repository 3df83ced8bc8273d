// The server's side of files, as the worker asks for it.

import { del, request, RequestError } from "@/lib/api";
import type { ConversationId, CreateFile, FileId, Upload } from "@/protocol/wire";

/** What uploads need of the server. */
export interface FilesApi {
  create(conversation: ConversationId, file: CreateFile, signal: AbortSignal): Promise<Upload>;
  putChunk(
    file: FileId,
    index: number,
    sealed: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<void>;
  finish(file: FileId, signal: AbortSignal): Promise<void>;
  remove(file: FileId): Promise<void>;
}

/** The server this page came from. */
export const serverApi: FilesApi = {
  create: (conversation, file, signal) =>
    request<Upload>("POST", `/conversations/${conversation}/files`, file, signal),
  putChunk: (file, index, sealed, signal) => {
    const body = new Blob([sealed], { type: "application/octet-stream" });
    return request<void>("PUT", `/files/${file}/chunks/${index}`, body, signal);
  },
  finish: async (file, signal) => {
    await request<Upload>("POST", `/files/${file}/finish`, {}, signal);
  },
  remove: (file) => del<void>(`/files/${file}`),
};

/** Opens the sealed bytes of a file from one of them on. */
export async function openSealed(
  file: FileId,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const response = await fetch(`/api/v1/files/${file}`, {
    headers: { range: `bytes=${from}-${to - 1}` },
    credentials: "same-origin",
    redirect: "error",
    cache: "no-store",
    signal,
  }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new RequestError("offline", "no answer", undefined, cause);
  });
  if (response.status === 206 && response.body) return response.body;
  await response.body?.cancel();
  throw new RequestError(failure(response.status), `status ${response.status}`);
}

function failure(status: number): "not_found" | "rate_limited" | "offline" {
  if (status === 404 || status === 401 || status === 416) return "not_found";
  return status === 429 ? "rate_limited" : "offline";
}

