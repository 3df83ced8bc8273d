// Files between this device and the server: a worker seals and sends, fetches and opens.

export { type FilesWorker, NotFetched, startFilesWorker } from "./client";
export type { Chosen, FetchFailure, Order, Report, UploadState, UploadStep } from "./messages";
export { eraseStaging } from "./staging";
export { newFileId } from "./id";
export { lendAddress, returnAddress } from "./media";
