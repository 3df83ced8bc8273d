import { BadgeCheck } from "lucide-react";

import { useWords } from "@/lib/i18n";

/** Beside the name of somebody whose keys were compared. */
export function Verified() {
  const { verified } = useWords().common;
  return (
    <span title={verified} className="inline-flex shrink-0 text-primary">
      <BadgeCheck aria-hidden className="size-4" />
      <span className="sr-only">{verified}</span>
    </span>
  );
}
