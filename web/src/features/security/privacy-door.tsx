import { Page } from "@/components/page";
import { useSecurityWords } from "@/lib/words/security";

import { Privacy } from "./privacy";

/** The same for somebody who has no account yet. */
export function PrivacyDoor() {
  const { privacy } = useSecurityWords();
  return (
    <main className="h-full">
      <Page title={privacy.title}>
        <Privacy />
      </Page>
    </main>
  );
}
