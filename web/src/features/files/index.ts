// What the app puts into a conversation: ways to send files, and files that were sent.

export { FileMessage } from "./file-message";
export { AttachButton, FilesPlace } from "./offer";
export { UploadList } from "./upload-list";
export { ViewerPlace } from "./viewer-place";
