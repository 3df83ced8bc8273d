import { Door } from "@/components/door";
import { Button } from "@/components/ui/button";
import { useGuestWords } from "@/lib/words/guests";

/** A guest's stay is over, or nobody let them in. */
export function VisitEnded({ turnedAway, onSignIn }: { turnedAway: boolean; onSignIn(): void }) {
  const { ended } = useGuestWords();
  const { title, text } = turnedAway ? ended.away : ended.link;
  return (
    <Door title={title} text={text}>
      <Button variant="secondary" onClick={onSignIn}>
        {ended.signIn}
      </Button>
    </Door>
  );
}
