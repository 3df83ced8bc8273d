/** Puts an opened file among the browser's downloads. What it is called was cleaned before. */
export function saveBlob(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser needs it until it has begun.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
