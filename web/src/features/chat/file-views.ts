import { createContext, type ReactNode } from "react";

import type { FileReference } from "@/crypto/file-content";

/** How a file in a message looks; the app says it. */
export type FileView = (file: FileReference) => ReactNode;

export const FileViews = createContext<FileView | null>(null);
