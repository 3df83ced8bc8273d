import { Badge } from "@/components/ui/badge";
import { useWords } from "@/lib/i18n";

/** Beside the name of somebody who came by a link and has no say in who else comes. */
export function GuestBadge({ className }: { className?: string }) {
  return (
    <Badge variant="attention" className={className}>
      {useWords().people.roles.guest}
    </Badge>
  );
}
