import { Badge } from "@/components/ui/badge";
import { useWords } from "@/lib/i18n";
import { mixesLetters } from "@/lib/mixed-letters";

/** Warns beside a name that may imitate another; nothing beside all others. */
export function MixedLetters({ name }: { name: string }) {
  const words = useWords();
  if (!mixesLetters(name)) return null;
  return (
    <Badge variant="attention" title={words.common.mixedLetters.why}>
      {words.common.mixedLetters.label}
    </Badge>
  );
}
