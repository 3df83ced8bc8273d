import { File, FileMusic, FileVideo, Image } from "lucide-react";

import { kindOf } from "@/lib/file-types";

/** What kind of file it is, as a sign. */
export function FileIcon({ type, className }: { type: string; className?: string }) {
  const Icon = { picture: Image, video: FileVideo, sound: FileMusic, other: File }[kindOf(type)];
  return <Icon aria-hidden className={className} />;
}
