import { plurals } from "../catalogue";

const plural = plurals("en");

export const files = {
  attach: "Attach files",
  drop: "Drop files here to send them",
  /** Above the files that were chosen. */
  sendTitle: (count: number) => plural(count, { one: "Send a file", other: "Send # files" }),
  caption: "Add a message",
  send: "Send",
  takeAway: (name: string) => `Do not send ${name}`,
  preparing: "Looking at the files",
  tooLarge: (name: string) => `${name} is larger than 100 MiB and cannot be sent.`,
  tooMany: "Ten files can be sent at once.",

  uploads: "Files on their way",
  step: {
    preparing: "Encrypting",
    queued: "Waiting for its turn",
    sending: (percent: number) => `Sending, ${percent} %`,
    waiting: "Waiting for the connection",
    sent: "Sent",
  },
  cancel: (name: string) => `Stop sending ${name}`,
  tryAgain: "Try again",
  discard: "Discard",

  picture: "Picture",
  video: "Video",
  sound: "Sound",
  file: "File",
  /** A file for screen readers. */
  described: (kind: string, name: string) => `${kind}: ${name}`,
  open: (name: string) => `Open ${name}`,
  play: (name: string) => `Play ${name}`,
  save: (name: string) => `Save ${name}`,
  saveShort: "Save",
  delete: (name: string) => `Delete ${name}`,
  deleteTitle: "Delete this file?",
  deleteText: (name: string) =>
    `${name} is removed from the server for everybody, and its room in your quota becomes free. Whoever has saved it keeps their copy.`,
  deleteAction: "Delete file",
  /** In the place of a file. */
  deleted: "File deleted",
  notDeleted: "The file could not be deleted. Check your connection and try again.",
  loading: (percent: number) => `Loading, ${percent} %`,
  stop: "Stop",
  gone: "This file is not on the server any more.",
  damaged: "This file was damaged or changed on its way and is not shown.",
  offline: "The file could not be loaded. Check your connection and try again.",
  tooManyPixels: "This picture is too large to be shown here. It can be saved.",
  cannotPlay: "This browser cannot play it. It can be saved.",

  viewer: "Picture viewer",
  previous: "Previous picture",
  next: "Next picture",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  place: (number: number, all: number) => `${number} of ${all}`,

  quota: {
    title: "Your files",
    text: "What the files you have sent take on this server.",
    used: (used: string, all: string) => `${used} of ${all} used`,
  },
};
