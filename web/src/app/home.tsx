import { Frame } from "./frame";
import { SignedIn } from "./signed-in";

/** All there is for who is signed in, to be fetched at once. */
export function Home() {
  return (
    <SignedIn>
      <Frame />
    </SignedIn>
  );
}
