import { useEffect, useState } from "react";

import { passkeysWork } from "./passkey";

/** Whether passkeys can work in this browser here; undefined until that is known. */
export function usePasskeysWork(): boolean | undefined {
  const [work, setWork] = useState<boolean>();
  useEffect(() => {
    let here = true;
    void passkeysWork().then((answer) => here && setWork(answer));
    return () => {
      here = false;
    };
  }, []);
  return work;
}
