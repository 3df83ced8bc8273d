import { createContext, type ReactNode } from "react";

import type { FileReference } from "@/crypto/file-content";

/** How a file in a message looks, one's own or another's; the app says it. */
export type FileView = (file: FileReference, own: boolean) => ReactNode;

export const FileViews = createContext<FileView | null>(null);
