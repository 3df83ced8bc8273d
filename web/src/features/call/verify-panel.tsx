import { Button } from "@/components/ui/button";
import { Isolate } from "@/components/isolate";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import { useSecurityWords } from "@/lib/words/security";
import { usePicture } from "@/lib/words/security/pictures";
import type { Comparison, CurrentCall } from "@/media";
import type { AccountId } from "@/protocol/wire";
import { useSession } from "@/session";

import { Panel } from "./panel";
import { type Person, usePerson } from "./person";

/** Seven pictures, read to each other: whether anybody stands between the two. */
export function VerifyPanel({
  call,
  comparison,
  peer,
  onClose,
}: {
  call: CurrentCall;
  comparison: Comparison;
  peer: AccountId;
  onClose: () => void;
}) {
  const words = useSecurityWords().call;
  const { contacts } = useSession();
  const other = usePerson(peer);
  const match = () => {
    // It counts here at once; other devices hear of it when there is a connection.
    void contacts.setVerified(peer, true).then(() => toast(words.done(other.name)));
    comparison.stop();
    onClose();
  };
  return (
    <Panel title={words.verify} onClose={onClose}>
      <div aria-live="polite" className="flex flex-col gap-4 pt-1">
        <Step comparison={comparison} other={other} onMatch={match} onHangUp={() => call.hangUp()} />
      </div>
    </Panel>
  );
}

function Step({
  comparison,
  other,
  onMatch,
  onHangUp,
}: {
  comparison: Comparison;
  other: Person;
  onMatch: () => void;
  onHangUp: () => void;
}) {
  const words = useSecurityWords().call;
  const state = useReadable(comparison.state);
  const begin = () => comparison.begin();
  switch (state.type) {
    case "idle":
    case "asked":
      return (
        <>
          {state.type === "asked" && (
            <p className="font-medium">
              <Isolate say={words.asked} names={[other.name]} />
            </p>
          )}
          <p className="text-muted-foreground">
            <Isolate say={words.begin} names={[other.name]} />
          </p>
          <Button onClick={begin}>{words.start}</Button>
        </>
      );
    case "waiting":
      return (
        <p className="text-muted-foreground">
          <Isolate say={words.waiting} names={[other.name]} />
        </p>
      );
    case "shown":
      return (
        <>
          <Pictures numbers={state.numbers} />
          <p>{words.compare}</p>
          <div className="flex flex-wrap gap-3">
            <Button onClick={onMatch}>{words.match}</Button>
            <Button variant="secondary" onClick={() => comparison.differ()}>
              {words.differ}
            </Button>
          </div>
        </>
      );
    case "broken":
      return (
        <>
          <p role="alert" className="font-medium text-destructive">
            {words.broken}
          </p>
          <Button variant="destructive" onClick={onHangUp}>
            {words.hangUp}
          </Button>
        </>
      );
    case "lost":
      return (
        <>
          <p>{words.lost}</p>
          <Button onClick={begin}>{words.again}</Button>
        </>
      );
  }
}

function Pictures({ numbers }: { numbers: readonly number[] }) {
  const picture = usePicture();
  return (
    <ol className="grid grid-cols-4 gap-x-2 gap-y-4 text-center">
      {numbers.map((number, i) => {
        const { emoji, name } = picture(number);
        return (
          <li key={i}>
            <span aria-hidden className="block text-3xl leading-10">
              {emoji}
            </span>
            <span className="block text-xs break-words hyphens-auto">{name}</span>
          </li>
        );
      })}
    </ol>
  );
}
